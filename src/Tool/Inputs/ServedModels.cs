using Microsoft.Extensions.AI;
using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>The models and adapters that are served, by their names.</summary>
internal sealed class ServedModels : IDisposable
{
    private readonly List<ModelInput> _inputs = [];
    private readonly Dictionary<string, PretrainedModel> _models = [];
    private readonly List<PretrainedModel> _adapted = [];
    private readonly Dictionary<string, IChatClient> _clients = [];
    private readonly List<(string Name, string About)> _listed = [];

    private ServedModels()
    {
    }

    /// <summary>The chat clients.</summary>
    public IReadOnlyDictionary<string, IChatClient> Clients => _clients;

    /// <summary>What each is, in a few words, in the order in which they were named.</summary>
    public IReadOnlyList<(string Name, string About)> Listed => _listed;

    /// <summary>Loads them.</summary>
    /// <param name="settings">Which.</param>
    /// <param name="load">What they may be like.</param>
    /// <param name="clientOf">Makes a chat client of one.</param>
    /// <exception cref="ArgumentException">None is named, two have one name, or an adapter's model is not among them.</exception>
    /// <exception cref="FileNotFoundException">One is not there.</exception>
    public static ServedModels Open(ServeSettings settings, ModelLoadOptions load, Func<PretrainedModel, IChatClient> clientOf)
    {
        NamedPath[] models = [.. settings.Model.Select(model => NamedPath.Parse("model", model, hasBase: false))];
        NamedPath[] adapters = [.. settings.Adapter.Select(adapter => NamedPath.Parse("adapter", adapter, hasBase: true))];
        if (models.Length == 0)
            throw new ArgumentException("--model NAME=PATH says which model; none is named.");
        if (settings.Tokenizer is not null && models.Length > 1)
            throw new ArgumentException("--tokenizer is for one checkpoint, and there are several models; put tokenizer.json beside each.");
        ServedModels served = new();
        try
        {
            MLContext context = new();
            foreach (NamedPath model in models)
                served.AddModel(context, model, settings, load);
            foreach (NamedPath adapter in adapters)
                served.AddAdapter(adapter, load);
            foreach ((string name, PretrainedModel model) in served._models)
                served._clients[name] = clientOf(model);
            return served;
        }
        catch
        {
            served.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (IDisposable owned in (IEnumerable<IDisposable>)[.. _clients.Values, .. _adapted, .. _inputs])
            owned.Dispose();
    }

    private void AddModel(MLContext context, NamedPath named, ServeSettings settings, ModelLoadOptions load)
    {
        ModelInput input = ModelInput.Open(context, new ModelSettings { Model = named.Path, Tokenizer = settings.Tokenizer }, load);
        _inputs.Add(input);
        Add(named.Name ?? input.Model.Name, input.Model, $"{input.Model.ParameterCount:N0} parameters");
    }

    private void AddAdapter(NamedPath named, ModelLoadOptions load)
    {
        string below = named.Base ?? (_inputs.Count == 1 ? _models.Keys.First()
            : throw new ArgumentException($"The adapter '{named.Path}' belongs to one of several models; say which by --adapter NAME@MODEL={named.Path}."));
        if (!_models.TryGetValue(below, out PretrainedModel? basis))
        {
            throw new ArgumentException(
                $"The adapter '{named.Path}' belongs to '{below}', which no --model is called; there is {string.Join(", ", _models.Keys)}.");
        }
        using LoraAdapter adapter = LoraAdapter.Load(named.Path, load);
        PretrainedModel adapted = basis.WithAdapter(adapter);
        _adapted.Add(adapted);
        Add(named.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(named.Path)), adapted, $"adapter of {below}");
    }

    private void Add(string name, PretrainedModel model, string about)
    {
        if (!_models.TryAdd(name, model))
            throw new ArgumentException($"Two models are called '{name}'; give names by --model NAME=PATH and --adapter NAME=FOLDER.");
        _listed.Add((name, about));
    }
}
