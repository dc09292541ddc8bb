using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A model that is used until a newer one takes its place: it is disposed when its owner and the last one who uses it have let go.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ModelGeneration(ITransformer model)
{
    private readonly Lock _change = new();
    private int _users = 1;

    /// <summary>The model.</summary>
    public ITransformer Model => model;

    /// <summary>A further user.</summary>
    /// <returns>Whether it is still there to be used.</returns>
    public bool TryUse()
    {
        lock (_change)
            return _users > 0 && ++_users > 0;
    }

    /// <summary>Lets go.</summary>
    public void Release()
    {
        lock (_change)
        {
            if (--_users > 0)
                return;
        }
        (model as IDisposable)?.Dispose();
    }
}
