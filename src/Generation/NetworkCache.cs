using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>A sequence's keys and values in libtorch's memory, which grows in steps of 256 tokens; forks copy them.</summary>
/// <param name="network">Whose.</param>
internal sealed class NetworkCache(MiniMindNetwork network) : ISequenceCache
{
    private const int RoomStep = 256;

    private KeyValueCache? _rows;

    /// <inheritdoc />
    public int Length => (int)(_rows?.Length ?? 0);

    /// <inheritdoc />
    public void Truncate(int length) => _rows?.Truncate(length);

    /// <inheritdoc />
    public ISequenceCache Fork(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        NetworkCache fork = new(network);
        if (length > 0)
            fork.Room(length).CopyFrom(_rows!, length);
        return fork;
    }

    /// <summary>The keys and values, with room for a number of tokens in all.</summary>
    public KeyValueCache Room(int tokens)
    {
        if (_rows is not null && _rows.Capacity >= tokens)
            return _rows;
        long capacity = Math.Min(network.Config.MaxPositions, Math.Max((tokens + RoomStep - 1) / RoomStep * RoomStep, 2 * (_rows?.Capacity ?? 0)));
        KeyValueCache larger = new(network.Config, capacity, ScalarType.Float32, network.Device);
        if (_rows is not null)
        {
            larger.CopyFrom(_rows, _rows.Length);
            _rows.Dispose();
        }
        return _rows = larger;
    }

    public void Dispose()
    {
        _rows?.Dispose();
        _rows = null;
    }
}
