using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Transforms.Rows;
using MiniMind.MLNet.Dpo.Weights;

[assembly: LoadableClass(typeof(KtoTransformer), null, typeof(SignatureLoadModel), "Transformer trained on feedback", KtoTransformer.LoaderName)]

namespace MiniMind.MLNet.Dpo;

/// <summary>A policy trained by <see cref="KtoTrainer"/>: scores prepared answers and generates text.</summary>
/// <remarks>
/// Thread-safe. Scoring a data view runs many rows in one forward pass, in order, from one cursor; a prediction engine runs one.
/// A <c>PredictionEngine</c> disposes the chain it was made from unless its options say <c>OwnsTransformer = false</c>; afterwards every use here throws
/// <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed partial class KtoTransformer : ITransformer, IDisposable
{
    internal const string LoaderName = "MiniMindKto";

    private readonly SharedNetwork _policy;
    private readonly SharedNetwork? _reference;
    private static readonly ModelFormat s_format = new("MMINDKTO", LoaderName);

    private readonly KtoScoring _options;
    private readonly ModelOrigin _origin;
    private readonly bool _embedBase;
    private readonly FeedbackScoring _scoring;

    internal KtoTransformer(
        SharedNetwork policy, SharedNetwork? reference, HuggingFaceTokenizer tokenizer, ChatTemplate chatTemplate, KtoScoring options,
        TrainingSummary summary, ModelOrigin? origin = null, bool embedBase = true)
    {
        (_policy, _reference, _options, _origin, _embedBase) = (policy, reference, options, origin ?? ModelOrigin.None, embedBase);
        (Tokenizer, ChatTemplate, TrainingSummary) = (tokenizer, chatTemplate, summary);
        ResponseScorer scorer = new(policy, reference, options.Networks);
        _scoring = new FeedbackScoring(new PairScorer(scorer, PassSize.MostRows(policy.Network.Config, policy.Network.Device.type)),
            new FeedbackScoringColumns(options.InputColumns, options.ScoreColumns, options.Note), policy.Network.Config.VocabularySize, options.BatchSize);
    }

    /// <summary>The tokenizer of the policy.</summary>
    public HuggingFaceTokenizer Tokenizer { get; }

    /// <summary>The chat template of the policy.</summary>
    public ChatTemplate ChatTemplate { get; }

    /// <summary>What training did.</summary>
    public TrainingSummary TrainingSummary { get; }

    /// <summary>The baseline z of KTO as training measured it last, nats: on held-out answers, where there were some; 0 where the loss has none.</summary>
    public double Baseline => _options.Baseline;

    /// <inheritdoc />
    public bool IsRowToRowMapper => true;

    /// <inheritdoc />
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new RowMapper(new BatchOfOne(_scoring), inputSchema).OutputSchema;

    /// <inheritdoc />
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new RowMapper(new BatchOfOne(_scoring), inputSchema);

    /// <summary>Adds the score columns, lazily.</summary>
    /// <remarks>
    /// The result keeps the scores of up to 1,048,576 rows: a stock trainer that reads it many times has the networks run once for each row, on whatever
    /// threads it reads. Rows must be the same each time that they are read; for data that has changed, transform it again.
    /// </remarks>
    /// <param name="input">Has the columns that the preparation makes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new BatchedDataView(input, _scoring);
    }

    /// <summary>The policy as a model of its own: to go on training from, or to save.</summary>
    /// <returns>Shares the weights; dispose it when done.</returns>
    public PretrainedModel AsModel() => new(_policy.Share(), Tokenizer, ChatTemplate, _origin);

    /// <summary>The policy as a chat client. It shares the weights, and lives on when this transformer is disposed.</summary>
    /// <param name="options">
    /// How to generate where a request does not say; <see langword="null"/> for what the base model's <c>generation_config.json</c> says, as
    /// <see cref="PretrainedModel.AsChatClient(GenerationOptions)"/>.
    /// </param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    /// <exception cref="ModelConfigException">Without options: a value of <c>generation_config.json</c> is out of its range.</exception>
    /// <exception cref="NotSupportedException">Without options: <c>generation_config.json</c> asks for a way of generating that is not implemented.</exception>
    public IChatClient AsChatClient(GenerationOptions? options = null) => AsChatClient(options, new DecodingOptions());

    /// <summary>The same with a choice of how the weights are read: see <see cref="DecodingOptions"/>.</summary>
    /// <param name="options">As for <see cref="AsChatClient(GenerationOptions)"/>.</param>
    /// <param name="decoding">How the client reads the weights.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    /// <exception cref="ModelConfigException">Without options: a value of <c>generation_config.json</c> is out of its range.</exception>
    /// <exception cref="NotSupportedException">Another format is asked for than the model has, which needs a CPU with vectors of 512 bits; or without options,
    /// <c>generation_config.json</c> asks for a way of generating that is not implemented.</exception>
    public IChatClient AsChatClient(GenerationOptions? options, DecodingOptions decoding)
    {
        using PretrainedModel policy = AsModel();
        return policy.AsChatClient(options, decoding);
    }

    /// <summary>The same, with a choice of how several requests are served at once, and of how the weights are read.</summary>
    /// <param name="options">As for <see cref="AsChatClient(GenerationOptions)"/>.</param>
    /// <param name="serving">How many are decoded together, how many wait, and what is kept; clients with equal options share all of it.</param>
    /// <param name="decoding">How the client reads the weights; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    /// <exception cref="ModelConfigException">Without options: a value of <c>generation_config.json</c> is out of its range.</exception>
    /// <exception cref="NotSupportedException">Another format is asked for than the model has, which needs a CPU with vectors of 512 bits; or without options,
    /// <c>generation_config.json</c> asks for a way of generating that is not implemented.</exception>
    public IChatClient AsChatClient(GenerationOptions? options, ServingOptions serving, DecodingOptions? decoding = null)
    {
        using PretrainedModel policy = AsModel();
        return policy.AsChatClient(options, serving, decoding);
    }

    /// <summary>
    /// Writes the policy as a folder that transformers, vLLM, llama.cpp's converter, MiniMind's scripts and <see cref="PretrainedModel.Load(string)"/> read;
    /// what an adapter adds is in the weights.
    /// </summary>
    /// <param name="folder">Made if it is not there; files of the same names are replaced once all new ones are on the disk.</param>
    /// <param name="precision">The number format of the weights.</param>
    /// <param name="layout">
    /// Whose <c>config.json</c>; <see langword="null"/> for Hugging Face's, and MiniMind's for what only that can hold (MiniMind 2's shared experts, dropout).
    /// </param>
    /// <exception cref="IOException">A file could not be written; the old ones are as they were.</exception>
    public void SaveModel(string folder, WeightPrecision precision = WeightPrecision.Float32, ModelLayout? layout = null) =>
        ModelSaver.SaveModel(folder, _policy.Network, Tokenizer, ChatTemplate, _origin, precision, layout);

    /// <summary>Writes the policy as a <c>.pth</c> checkpoint that MiniMind's <c>eval_llm.py</c> loads; what an adapter adds is in the weights.</summary>
    /// <param name="path">The file, such as <c>kto_768.pth</c>.</param>
    /// <param name="precision">The number format; half, as MiniMind saves.</param>
    /// <exception cref="IOException">The file could not be written; an old one is as it was.</exception>
    public void SaveCheckpoint(string path, WeightPrecision precision = WeightPrecision.Float16) => ModelSaver.SaveCheckpoint(path, _policy.Network, precision);

    /// <summary>
    /// Writes the policy as a GGUF file with its tokenizer, chat template and end tokens, for llama.cpp, Ollama, LM Studio and LLamaSharp; what an adapter adds
    /// is in the weights.
    /// </summary>
    /// <remarks>
    /// As <c>qwen3</c>, <c>qwen3moe</c>, <c>llama</c>, <c>qwen2</c>, <c>smollm3</c>, <c>gemma3</c> or <c>phi3</c>, by the network's parts. Weights are
    /// written one by one: little memory is taken.
    /// </remarks>
    /// <param name="path">The file, such as <c>kto_768.gguf</c>; its folder must be there.</param>
    /// <param name="type">The number format of the matrices.</param>
    /// <param name="options">Whether a Modelfile is written beside it, and the model's name in it.</param>
    /// <exception cref="NotSupportedException">The runtimes would compute or cut text otherwise than is done here; the message lists everything that
    /// differs.</exception>
    /// <exception cref="InvalidOperationException">A weight lies beyond what the type can hold; nothing was written.</exception>
    /// <exception cref="IOException">A file could not be written; the old ones are as they were.</exception>
    public void SaveGguf(string path, GgufType type, GgufOptions? options = null) =>
        GgufSaver.Save(path, type, options, _policy.Network, Tokenizer, ChatTemplate, _origin);

    /// <summary>
    /// Writes the policy as an ONNX decoder with a cache of keys and values, for ONNX Runtime; what an adapter adds is in the weights.
    /// </summary>
    /// <remarks>
    /// The weights are in a file beside it, whose name has <c>.data</c> more. Inputs are <c>input_ids</c> and <c>attention_mask</c> (int64) and
    /// <c>past_key_values.0.key</c> and so on, outputs <c>logits</c> and <c>present.0.key</c> and so on; all are fp32, and so is what is computed.
    /// </remarks>
    /// <param name="path">The file, such as <c>model.onnx</c>; its folder must be there.</param>
    /// <param name="precision">The number format of the matrices.</param>
    /// <param name="options">What is written beside it.</param>
    /// <exception cref="NotSupportedException">The model has LongRoPE, whose frequencies depend on a sequence's length; or it names nothing that ends its
    /// answers, and a file for GenAI is asked for.</exception>
    /// <exception cref="InvalidOperationException">A weight lies beyond what the format can hold; nothing was written.</exception>
    /// <exception cref="IOException">A file could not be written; the old ones are as they were.</exception>
    public void SaveOnnx(string path, WeightPrecision precision = WeightPrecision.Float32, OnnxOptions? options = null) =>
        OnnxSaver.Save(path, precision, options, _policy.Network, Tokenizer, ChatTemplate, _origin);

    /// <summary>Lets go of the networks; passes that run meanwhile are finished first.</summary>
    public void Dispose()
    {
        _policy.Release();
        _reference?.Release();
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => KtoTransformerFile.Write(
        new ModelEntryWriter(ctx, s_format), _policy.Network, _reference?.Network, Tokenizer, ChatTemplate, _options, TrainingSummary, _origin, _embedBase);

    private static KtoTransformer Create(IHostEnvironment env, ModelLoadContext ctx) => KtoTransformerFile.Read(new ModelEntryReader(ctx, s_format), env);
}
