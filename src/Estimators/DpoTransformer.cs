using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Transforms.Rows;
using MiniMind.MLNet.Dpo.Weights;

[assembly: LoadableClass(typeof(DpoTransformer), null, typeof(SignatureLoadModel), "DPO transformer", DpoTransformer.LoaderName)]

namespace MiniMind.MLNet.Dpo;

/// <summary>A policy trained by <see cref="DpoTrainer"/>: scores prepared preference pairs and generates text.</summary>
/// <remarks>
/// Thread-safe. Scoring a data view runs many rows in one forward pass, in order, from one cursor; a prediction engine runs one.
/// A <c>PredictionEngine</c> disposes the chain it was made from unless its options say <c>OwnsTransformer = false</c>; afterwards every use here throws
/// <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed partial class DpoTransformer : ITransformer, IDisposable
{
    internal const string LoaderName = "MiniMindDpo";

    private readonly SharedNetwork _policy;
    private readonly SharedNetwork? _reference;
    private static readonly ModelFormat s_format = new("MMINDDPO", LoaderName);

    private readonly ResponseScorer _scorer;
    private readonly ScoringOptions _options;
    private readonly ModelOrigin _origin;
    private readonly bool _embedBase;
    private readonly PairScoring _scoring;

    internal DpoTransformer(
        SharedNetwork policy, SharedNetwork? reference, HuggingFaceTokenizer tokenizer, ChatTemplate chatTemplate, ScoringOptions options,
        TrainingSummary summary, ModelOrigin? origin = null, bool embedBase = true)
    {
        (_policy, _reference, _options, _origin, _embedBase) = (policy, reference, options, origin ?? ModelOrigin.None, embedBase);
        (Tokenizer, ChatTemplate, TrainingSummary) = (tokenizer, chatTemplate, summary);
        _scorer = new ResponseScorer(policy, reference, options);
        _scoring = new PairScoring(new PairScorer(_scorer, PassSize.MostRows(policy.Network.Config, policy.Network.Device.type)),
            new PairScoringColumns(options.InputColumns, options.ScoreColumns, options.Objective), policy.Network.Config.VocabularySize, options.BatchSize);
    }

    /// <summary>The tokenizer of the policy.</summary>
    public HuggingFaceTokenizer Tokenizer { get; }

    /// <summary>The chat template of the policy.</summary>
    public ChatTemplate ChatTemplate { get; }

    /// <summary>What training did.</summary>
    public TrainingSummary TrainingSummary { get; }

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

    /// <summary>The trained preference as a reward model of single conversations, for ranking several answers to one prompt.</summary>
    /// <param name="outputColumnName">The added column: single, beta * (log pi - log ref) of the conversation's responses.</param>
    /// <param name="conversationColumnName">The column that is read: text, a JSON message list that ends with an answer.</param>
    /// <param name="maxLength">The most tokens of a conversation that are read, from its start.</param>
    /// <param name="controlTokens">What becomes of control tokens that contents spell; choose what the training data was prepared with.</param>
    /// <returns>A transformer that can be chained and saved; it shares the weights, and lives on when this one is disposed. Dispose it when done.</returns>
    /// <exception cref="InvalidOperationException">There is no reference to measure against.</exception>
    public ITransformer AsRewardModel(string outputColumnName = "Reward", string conversationColumnName = ColumnNames.Conversation, int maxLength = 1024,
        ControlTokenPolicy controlTokens = ControlTokenPolicy.AsText)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(conversationColumnName);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 2);
        if (!Enum.IsDefined(controlTokens))
        {
            throw new ArgumentOutOfRangeException(nameof(controlTokens), controlTokens,
                $"A control token policy is one of {string.Join(", ", Enum.GetNames<ControlTokenPolicy>())}.");
        }

        if (!_scorer.HasRewards)
        {
            throw new InvalidOperationException(
                "Rewards need the reference model, which this transformer was saved or trained without; set KeepReference in the trainer's options.");
        }

        DpoTransformer share = new(_policy.Share(), _reference?.Share(), Tokenizer, ChatTemplate, _options, TrainingSummary, _origin, _embedBase);
        return share.IntoRewardModel(new RewardSettings(outputColumnName, conversationColumnName, maxLength, controlTokens));
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
    /// <param name="path">The file, such as <c>dpo_768.pth</c>.</param>
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
    /// <param name="path">The file, such as <c>dpo_768.gguf</c>; its folder must be there.</param>
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

    void ICanSaveModel.Save(ModelSaveContext ctx) => WriteTo(new ModelEntryWriter(ctx, s_format));

    internal void WriteTo(ModelEntryWriter writer) =>
        DpoTransformerFile.Write(writer, _policy.Network, _reference?.Network, Tokenizer, ChatTemplate, _options, TrainingSummary, _origin, _embedBase);

    /// <summary>Turns into a reward model, which owns this transformer from now on.</summary>
    internal RewardTransformer IntoRewardModel(RewardSettings settings, bool isSaved = false) => new(this, _scorer, _options.BatchSize, settings, isSaved);

    private static DpoTransformer Create(IHostEnvironment env, ModelLoadContext ctx) => DpoTransformerFile.Read(new ModelEntryReader(ctx, s_format), env);
}
