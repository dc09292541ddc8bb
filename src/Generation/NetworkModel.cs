using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>A network for the chat client.</summary>
/// <param name="network">The share that it owns from now on.</param>
internal sealed class NetworkModel(SharedNetwork network) : IReadableModel
{
    public int VocabularySize { get; } = network.Network.Config.VocabularySize;

    public int MaxPositions { get; } = network.Network.Config.MaxPositions;

    public IBatchReader NewReader() => new NetworkReader(network.Network);

    public void Dispose() => network.Release();
}
