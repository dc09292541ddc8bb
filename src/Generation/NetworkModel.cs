using MiniMind.MLNet.Dpo.Generation.Decoding;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>A network for the chat client: read by kernels where they can, by libtorch's operations elsewhere.</summary>
internal sealed class NetworkModel : IReadableModel
{
    private readonly SharedNetwork _network;
    private readonly DecodingOptions _options;
    private readonly Lazy<PackedShare>? _packed;

    /// <summary>Takes over a share of a network.</summary>
    /// <param name="network">The share that it owns from now on.</param>
    /// <param name="options">How it is read.</param>
    /// <exception cref="NotSupportedException">Another format is asked for than the network has, and kernels cannot read it here.</exception>
    public NetworkModel(SharedNetwork network, DecodingOptions? options = null)
    {
        (_network, _options) = (network, options ?? new DecodingOptions());
        _options.Validate();
        MiniMindNetwork own = network.Network;
        (VocabularySize, MaxPositions) = (own.Config.VocabularySize, own.Config.MaxPositions);
        BytesPerToken = 2L * own.Config.LayerCount * own.Config.KeyValueHeadCount * own.Config.HeadDim * sizeof(float);
        string? obstacle = _options.UsesKernels ? PackedNetwork.Obstacle(own) : "it is to be read by libtorch's operations";
        if (obstacle is null)
        {
            _packed = new Lazy<PackedShare>(() => PackedNetworks.Take(own, _options.Weights));
        }
        else if (_options.Weights is { } weights && weights != own.Format)
        {
            throw new NotSupportedException(
                $"{nameof(DecodingOptions)}.{nameof(DecodingOptions.Weights)} is {weights}, which only kernels on the CPU can read, "
                + $"and they cannot read this model: {obstacle}. Leave it out, or use the copy that the model's InFormat({weights}) gives.");
        }
    }

    public int VocabularySize { get; }

    public int MaxPositions { get; }

    public int? OriginalPositions => _network.Network.Config.LongRopeScaling?.OriginalMaxPositions;

    public long BytesPerToken { get; }

    public IBatchReader NewReader() => _packed is { } packed ? new HostDecoder(packed.Value.Network) : new NetworkReader(_network.Network);

    public void Dispose()
    {
        if (_packed is { IsValueCreated: true } packed)
            packed.Value.Dispose();
        _network.Release();
    }
}
