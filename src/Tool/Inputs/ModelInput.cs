using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>A model that was named on the command line, whatever kind of file it lies in.</summary>
internal sealed class ModelInput : IDisposable
{
    private const string AdapterFile = "adapter_config.json", ConfigFile = "config.json", TokenizerFile = "tokenizer.json";

    private readonly List<IDisposable> _owned = [];

    private ModelInput()
    {
    }

    /// <summary>The model.</summary>
    public required PretrainedModel Model { get; init; }

    /// <summary>The saved pipeline that it came out of; <see langword="null"/> for other files.</summary>
    public ITransformer? Pipeline { get; private init; }

    /// <summary>What scores pairs in that pipeline.</summary>
    public DpoTransformer? Pairs => Find<DpoTransformer>(Pipeline);

    /// <summary>What scores single answers in that pipeline.</summary>
    public KtoTransformer? Answers => Find<KtoTransformer>(Pipeline);

    /// <summary>Loads a model.</summary>
    /// <param name="context">The context.</param>
    /// <param name="settings">Which.</param>
    /// <param name="options">What it may be like.</param>
    /// <exception cref="ArgumentException">None is named, or something that it needs.</exception>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static ModelInput Open(MLContext context, ModelSettings settings, ModelLoadOptions options)
    {
        string path = settings.Model ?? throw new ArgumentException("--model MODEL says which model; none is named.");
        if (Directory.Exists(path))
        {
            if (IsAdapter(path))
                return Adapted(context, path, settings, options);
            Refuse(settings.BaseModel, "base-model", "an adapter, and this is a whole model");
            return new ModelInput
            {
                Model = settings.Tokenizer is null ? PretrainedModel.Load(path, options)
                    : PretrainedModel.LoadCheckpoint(WeightsOf(path), null, settings.Tokenizer, options),
            };
        }
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no model '{path}': no such folder, and no such file.", path);
        if (string.Equals(Path.GetExtension(path), ".zip", StringComparison.OrdinalIgnoreCase))
            return Saved(context, path, settings, options);
        Refuse(settings.BaseModel, "base-model", "an adapter, and this is a checkpoint");
        string folder = settings.Tokenizer ?? Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!File.Exists(Path.Combine(folder, TokenizerFile)))
        {
            throw new ArgumentException(
                $"The checkpoint '{path}' needs a tokenizer; --tokenizer FOLDER names one with {TokenizerFile}, and '{folder}' has none.");
        }

        return new ModelInput { Model = PretrainedModel.LoadCheckpoint(path, null, folder, options) };
    }

    /// <summary>Whether a path is an adapter's folder.</summary>
    public static bool IsAdapter(string path) => File.Exists(Path.Combine(path, AdapterFile)) && !File.Exists(Path.Combine(path, ConfigFile));

    public void Dispose()
    {
        Model.Dispose();
        foreach (IDisposable owned in _owned)
            owned.Dispose();
    }

    // a transformer within a chain, however deep
    private static T? Find<T>(ITransformer? transformer)
        where T : class, ITransformer => transformer switch
        {
            T found => found,
            IEnumerable<ITransformer> chain => chain.Select(Find<T>).LastOrDefault(found => found is not null),
            _ => null,
        };

    private static ModelInput Adapted(MLContext context, string folder, ModelSettings settings, ModelLoadOptions options)
    {
        using LoraAdapter adapter = LoraAdapter.Load(folder, options);
        string? known = settings.BaseModel ?? (adapter.BaseModelName is { } name && Path.Exists(name) ? name : null);
        if (known is null)
        {
            string named = adapter.BaseModelName is { } missing ? $" It was trained on '{missing}', which is not there." : "";
            throw new ArgumentException($"'{folder}' is an adapter; --base-model MODEL says to which model it belongs.{named}");
        }
        using ModelInput below = Open(context, new ModelSettings { Model = known, Tokenizer = settings.Tokenizer }, options);
        return new ModelInput { Model = below.Model.WithAdapter(adapter) };
    }

    private static ModelInput Saved(MLContext context, string path, ModelSettings settings, ModelLoadOptions options)
    {
        Refuse(settings.Tokenizer, "tokenizer", "a checkpoint, and an ML.NET file brings its own");
        ModelInput? below = settings.BaseModel is { } named ? Open(context, new ModelSettings { Model = named }, options) : null;
        ITransformer pipeline = below is null
            ? context.Preferences.LoadModel(path, options) : context.Preferences.LoadModel(path, below.Model, options);
        PretrainedModel model = Find<DpoTransformer>(pipeline)?.AsModel() ?? Find<KtoTransformer>(pipeline)?.AsModel() ?? Find<SftTransformer>(pipeline)?.Model
            ?? throw new ArgumentException($"'{path}' is an ML.NET file without a language model in it.");
        ModelInput input = new() { Model = model, Pipeline = pipeline };
        input._owned.AddRange(new IDisposable?[] { pipeline as IDisposable, below }.OfType<IDisposable>());
        return input;
    }

    private static string WeightsOf(string folder)
    {
        string[] found = [.. Directory.EnumerateFiles(folder).Where(file => Path.GetExtension(file) is ".safetensors" or ".pth")];
        string[] weights = found.Length > 1 ? [.. found.Where(file => Path.GetFileName(file) == "model.safetensors")] : found;
        return weights.Length == 1 ? weights[0]
            : throw new ArgumentException($"'{folder}' has {found.Length} files of weights; name the one to load.");
    }

    private static void Refuse(string? value, string key, string reason)
    {
        if (value is not null)
            throw new ArgumentException($"--{key} is '{value}', but it is for {reason}; leave it out.");
    }
}
