using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;

namespace MiniMind.MLNet.Dpo;

/// <summary>A language model with its tokenizer and chat template, as it is before training. Never changed by training.</summary>
/// <remarks>Thread-safe. Dispose it when no estimator is going to be fitted with it any more; transformers that came of it live on.</remarks>
public sealed partial class PretrainedModel : IDisposable
{
    /// <summary>The most bytes that a folder's chat template may have.</summary>
    internal const int MaxTemplateBytes = 8 << 20;

    private const string TemplateFileName = "chat_template.jinja";

    internal PretrainedModel(SharedNetwork network, HuggingFaceTokenizer tokenizer, ChatTemplate chatTemplate, ModelOrigin? origin = null) =>
        (Network, Tokenizer, ChatTemplate, Origin) = (network, tokenizer, chatTemplate, origin ?? ModelOrigin.None);

    /// <summary>What the model is called: its folder's or checkpoint's name, or <c>minimind</c> where it came from no file.</summary>
    public string Name => Origin.Name;

    /// <summary>The shape of the network.</summary>
    public ModelConfig Config => Network.Network.Config;

    /// <summary>The tokenizer.</summary>
    public HuggingFaceTokenizer Tokenizer { get; }

    /// <summary>The chat template that came with the tokenizer, or ChatML where none did.</summary>
    public ChatTemplate ChatTemplate { get; }

    /// <summary>How its <c>generation_config.json</c> says that text is generated; MiniMind's defaults where there is none or it does not say.</summary>
    /// <exception cref="ModelConfigException">A value of the file is out of its range.</exception>
    /// <exception cref="NotSupportedException">The file asks for a way of generating that is not implemented.</exception>
    public GenerationOptions GenerationDefaults => Estimators.GenerationDefaults.Of(Origin.Generation);

    /// <summary>The number of weights, those of an adapter included; a tied head counts once.</summary>
    public long ParameterCount => Network.Network.parameters().Sum(p => p.numel()) + (Network.Network.Adapter?.ParameterCount ?? 0);

    internal SharedNetwork Network { get; }

    internal ModelOrigin Origin { get; }

    /// <summary>What ends its answers.</summary>
    internal AnswerEnds AnswerEnds => TurnEndProbe.Find(Config, Origin, Tokenizer, ChatTemplate);

    /// <summary>Loads a model from a folder as MiniMind and Hugging Face ship it.</summary>
    /// <param name="folder">Holds <c>config.json</c>, <c>tokenizer.json</c>, <c>tokenizer_config.json</c> and <c>model.safetensors</c> (or its shards) or a
    /// single <c>*.pth</c>.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="WeightFileException">The weights are damaged, or not those of the configuration; the message says which and where.</exception>
    /// <exception cref="ModelConfigException">The configuration is damaged, or another architecture's; the message lists every fault.</exception>
    /// <exception cref="InvalidDataException">The tokenizer's files are damaged, or do not fit the model; the message says which and where.</exception>
    /// <exception cref="ChatTemplateException">The chat template is not valid.</exception>
    public static PretrainedModel Load(string folder) => Load(folder, new ModelLoadOptions());

    /// <summary>Loads a model from a folder as MiniMind and Hugging Face ship it.</summary>
    /// <param name="folder">As for <see cref="Load(string)"/>.</param>
    /// <param name="options">What the model may be like that is refused by default: links out of the folder, weights that are not finite.</param>
    /// <exception cref="FileNotFoundException">A file is missing; where the folder is of another kind, such as an adapter's, the message says so.</exception>
    /// <exception cref="WeightFileException">The weights are damaged, not finite, or not those of the configuration; the message says which and
    /// where.</exception>
    /// <exception cref="ModelConfigException">The configuration is damaged, or another architecture's; the message lists every fault.</exception>
    /// <exception cref="InvalidDataException">The tokenizer's files are damaged, or do not fit the model; the message says which and where.</exception>
    /// <exception cref="ChatTemplateException">The chat template is not valid.</exception>
    public static PretrainedModel Load(string folder, ModelLoadOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentNullException.ThrowIfNull(options);
        return Load(ModelFolder.FindWeights(folder, options), null, folder, folder, options);
    }

    /// <summary>Loads a checkpoint that lies elsewhere than its tokenizer, as in MiniMind's own repository.</summary>
    /// <param name="path">The weights, such as <c>out/full_sft_768.pth</c>.</param>
    /// <param name="config">The network's shape; <see langword="null"/> to take <c>config.json</c> beside the weights, or what the weights' shapes say.</param>
    /// <param name="tokenizerFolder">Holds <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, such as <c>model</c>.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="WeightFileException">The weights are damaged, or not those of the configuration; the message says which and where.</exception>
    /// <exception cref="ModelConfigException">The configuration is damaged, or another architecture's; the message lists every fault.</exception>
    /// <exception cref="InvalidDataException">The tokenizer's files are damaged, or do not fit the model; the message says which and where.</exception>
    /// <exception cref="ChatTemplateException">The chat template is not valid.</exception>
    public static PretrainedModel LoadCheckpoint(string path, ModelConfig? config, string tokenizerFolder) =>
        LoadCheckpoint(path, config, tokenizerFolder, new ModelLoadOptions());

    /// <summary>Loads a checkpoint that lies elsewhere than its tokenizer, as in MiniMind's own repository.</summary>
    /// <param name="path">The weights, such as <c>out/full_sft_768.pth</c>; this file may be a link.</param>
    /// <param name="config">The network's shape; <see langword="null"/> to take <c>config.json</c> beside the weights, or what the weights' shapes say.</param>
    /// <param name="tokenizerFolder">Holds <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, such as <c>model</c>.</param>
    /// <param name="options">What the model may be like that is refused by default.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="WeightFileException">The weights are damaged, not finite, or not those of the configuration; the message says which and
    /// where.</exception>
    /// <exception cref="ModelConfigException">The configuration is damaged, or another architecture's; the message lists every fault.</exception>
    /// <exception cref="InvalidDataException">The tokenizer's files are damaged, or do not fit the model; the message says which and where.</exception>
    /// <exception cref="ChatTemplateException">The chat template is not valid.</exception>
    public static PretrainedModel LoadCheckpoint(string path, ModelConfig? config, string tokenizerFolder, ModelLoadOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentException.ThrowIfNullOrWhiteSpace(tokenizerFolder);
        ArgumentNullException.ThrowIfNull(options);
        return Load(path, config, tokenizerFolder, path, options);
    }

    /// <summary>Makes an untrained model, for supervised fine-tuning from nothing.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="tokenizerFolder">Holds <c>tokenizer.json</c> and <c>tokenizer_config.json</c>.</param>
    /// <param name="seed">Seed of the random weights.</param>
    /// <exception cref="ArgumentException">The shape is not valid, or its vocabulary is smaller than the tokenizer's.</exception>
    public static PretrainedModel CreateRandom(ModelConfig config, string tokenizerFolder, int seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        MiniMindNetwork network = new(config);
        try
        {
            using torch.Generator random = new((ulong)seed, torch.CPU);
            network.Initialize(random);
            return WithTokenizer(network, tokenizerFolder, ModelOrigin.None, new ModelLoadOptions());
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes a folder that transformers, vLLM, llama.cpp's converter, MiniMind's scripts and <see cref="Load(string)"/> read; what an adapter adds is in the
    /// weights.
    /// </summary>
    /// <param name="folder">Made if it is not there; files of the same names are replaced once all new ones are on the disk.</param>
    /// <param name="precision">The number format of the weights.</param>
    /// <param name="layout">
    /// Whose <c>config.json</c>; <see langword="null"/> for Hugging Face's, and MiniMind's for what only that can hold (MiniMind 2's shared experts, dropout).
    /// </param>
    /// <exception cref="IOException">A file could not be written; the old ones are as they were.</exception>
    public void SaveModel(string folder, WeightPrecision precision = WeightPrecision.Float32, ModelLayout? layout = null) =>
        ModelSaver.SaveModel(folder, Network.Network, Tokenizer, ChatTemplate, Origin, precision, layout);

    /// <summary>Writes a <c>.pth</c> checkpoint that MiniMind's <c>eval_llm.py</c> loads; what an adapter adds is in the weights.</summary>
    /// <param name="path">The file, such as <c>full_sft_768.pth</c>.</param>
    /// <param name="precision">The number format; half, as MiniMind saves.</param>
    /// <exception cref="IOException">The file could not be written; an old one is as it was.</exception>
    public void SaveCheckpoint(string path, WeightPrecision precision = WeightPrecision.Float16) =>
        ModelSaver.SaveCheckpoint(path, Network.Network, precision);

    /// <summary>
    /// Writes the model as a GGUF file with its tokenizer, chat template and end tokens, for llama.cpp, Ollama, LM Studio and LLamaSharp; what an adapter adds
    /// is in the weights.
    /// </summary>
    /// <remarks>
    /// As <c>qwen3</c>, <c>qwen3moe</c>, <c>llama</c>, <c>qwen2</c>, <c>smollm3</c>, <c>gemma3</c> or <c>phi3</c>, by the network's parts. Weights are
    /// written one by one: little memory is taken.
    /// </remarks>
    /// <param name="path">The file, such as <c>full_sft_768.gguf</c>; its folder must be there.</param>
    /// <param name="type">The number format of the matrices.</param>
    /// <param name="options">Whether a Modelfile is written beside it, and the model's name in it.</param>
    /// <exception cref="NotSupportedException">The runtimes would compute or cut text otherwise than is done here; the message lists everything that
    /// differs.</exception>
    /// <exception cref="InvalidOperationException">A weight lies beyond what the type can hold; nothing was written.</exception>
    /// <exception cref="IOException">A file could not be written; the old ones are as they were.</exception>
    public void SaveGguf(string path, GgufType type, GgufOptions? options = null) =>
        GgufSaver.Save(path, type, options, Network.Network, Tokenizer, ChatTemplate, Origin);

    /// <summary>
    /// Writes the model as an ONNX decoder with a cache of keys and values, for ONNX Runtime; what an adapter adds is in the weights.
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
        OnnxSaver.Save(path, precision, options, Network.Network, Tokenizer, ChatTemplate, Origin);

    /// <summary>The model as a chat client. It shares the weights, and lives on when this object is disposed.</summary>
    /// <remarks>
    /// A request's <c>ChatOptions</c> come first, then <paramref name="options"/> as a whole, or else <see cref="GenerationDefaults"/>.
    /// An answer ends at every id of <c>eos_token_id</c> in <c>config.json</c> and <c>generation_config.json</c>, at the tokenizer's end token,
    /// at what the chat template writes behind an assistant's message, and at <c>stop_strings</c>.
    /// </remarks>
    /// <param name="options">How to generate where a request does not say; <see langword="null"/> for <see cref="GenerationDefaults"/>.</param>
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
        ArgumentNullException.ThrowIfNull(decoding);
        return AsChatClient(options, new ServingOptions(), decoding);
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
        ArgumentNullException.ThrowIfNull(serving);
        GenerationOptions defaults = options ?? GenerationDefaults;
        defaults.Validate();
        serving.Validate();
        AnswerEnds ends = AnswerEnds;
        return new MiniMindChatClient(ServedModel.Of(Network, serving, decoding ?? new DecodingOptions()), Tokenizer, ChatTemplate, ends, defaults, Name);
    }

    /// <summary>Lets go of the network.</summary>
    public void Dispose() => Network.Release();

    private static PretrainedModel Load(string weights, ModelConfig? config, string tokenizerFolder, string named, ModelLoadOptions options)
    {
        (ModelConfig fitting, IWeightSource source) = ModelFolder.Open(weights, config, options);
        using IWeightSource open = source;
        MiniMindNetwork network = new(fitting);
        try
        {
            StateDictLoader.Load(open, network.named_parameters().ToDictionary(p => p.name, torch.Tensor (p) => p.parameter), fitting.TieWordEmbeddings,
                options.AllowNonFiniteWeights);
            if (!options.AllowNonFiniteWeights)
                FiniteLogits.Check(network, weights);
            ModelOrigin origin = ModelOrigin.Of(named, [Path.GetDirectoryName(Path.GetFullPath(weights))!, tokenizerFolder], fitting.VocabularySize, options);
            return WithTokenizer(network, tokenizerFolder, origin, options);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static PretrainedModel WithTokenizer(MiniMindNetwork network, string tokenizerFolder, ModelOrigin origin, ModelLoadOptions options)
    {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(tokenizerFolder, options);
        if (tokenizer.VocabularySize > network.Config.VocabularySize)
        {
            throw new InvalidDataException(
                $"The tokenizer of '{tokenizerFolder}' has ids up to {tokenizer.VocabularySize - 1}, but the model's vocabulary has " +
                    $"{network.Config.VocabularySize} entries. They do not belong together.");
        }

        string templateFile = Path.Combine(tokenizerFolder, TemplateFileName);
        string tokenizerConfig = tokenizer.TokenizerConfigJson.IsEmpty ? "{}" : System.Text.Encoding.UTF8.GetString(tokenizer.TokenizerConfigJson.Span);
        string? templateText = Path.Exists(templateFile) ? Text(ModelFile.Read(templateFile, MaxTemplateBytes, options)) : null;
        ChatTemplate template = ChatTemplate.FromTokenizerConfig(tokenizerConfig, templateText);
        return new PretrainedModel(new SharedNetwork(network), tokenizer, template.WithTokens(tokenizer), origin);
    }

    // as File.ReadAllText reads: a byte order mark says the encoding and goes
    private static string Text(byte[] bytes)
    {
        using StreamReader reader = new(new MemoryStream(bytes));
        return reader.ReadToEnd();
    }
}
