namespace MiniMind.MLNet.Dpo.Transforms.Persistence;

/// <summary>The options of the load that runs on this thread: ML.NET makes the components of a file itself, and hands nothing through to them.</summary>
internal sealed class ModelLoadScope : IDisposable
{
    private static readonly ModelLoadOptions s_defaults = new();

    [ThreadStatic]
    private static ModelLoadOptions? s_options;

    private readonly ModelLoadOptions? _outer = s_options;

    /// <summary>Sets the options until the scope is disposed, on the same thread.</summary>
    public ModelLoadScope(ModelLoadOptions options) => s_options = options;

    /// <summary>The options of the load that runs here; the defaults where ML.NET's own verb loads.</summary>
    public static ModelLoadOptions Options => s_options ?? s_defaults;

    /// <inheritdoc/>
    public void Dispose() => s_options = _outer;
}
