namespace MiniMind.MLNet.Dpo.Generation.Decoding;

/// <summary>One owner's share of a packed network.</summary>
/// <param name="network">The network.</param>
/// <param name="release">Lets go of it.</param>
internal sealed class PackedShare(PackedNetwork network, Action release) : IDisposable
{
    private Action? _release = release;

    /// <summary>The network; good until this is disposed.</summary>
    public PackedNetwork Network => network;

    /// <inheritdoc />
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
