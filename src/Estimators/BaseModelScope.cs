using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The model whose weights the load on this thread uses where a file has only their hash: ML.NET hands nothing through to the components that it
/// makes.</summary>
internal sealed class BaseModelScope : IDisposable
{
    [ThreadStatic]
    private static MiniMindNetwork? s_network;

    private readonly MiniMindNetwork? _outer = s_network;

    /// <summary>Sets the model until the scope is disposed, on the same thread.</summary>
    public BaseModelScope(MiniMindNetwork network) => s_network = network;

    /// <summary>The model of the load that runs here; <see langword="null"/> where none was given.</summary>
    public static MiniMindNetwork? Network => s_network;

    /// <inheritdoc/>
    public void Dispose() => s_network = _outer;
}
