using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>A sequence's keys and values in libtorch's memory, which grows in steps of 256 tokens, and the tokens that they are of.</summary>
/// <param name="network">Whose.</param>
internal sealed class NetworkCache(MiniMindNetwork network) : ISequenceCache
{
    private const int RoomStep = 256;

    private readonly List<int> _tokens = [];
    private KeyValueCache? _rows;

    /// <inheritdoc />
    public int Length => _tokens.Count;

    /// <summary>The tokens that it holds.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Whether its keys are turned as those of sequences beyond LongRoPE's original context are.</summary>
    public bool IsExtended { get; private set; }

    /// <inheritdoc />
    public void Truncate(int length)
    {
        if (length >= Length)
            return;
        _rows?.Truncate(length);
        _tokens.RemoveRange(length, Length - length);
    }

    /// <summary>Forgets all of it, and says how the keys to come are turned.</summary>
    public void Restart(bool extended)
    {
        Truncate(0);
        IsExtended = extended;
    }

    /// <inheritdoc />
    public ISequenceCache Fork(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        NetworkCache fork = new(network) { IsExtended = IsExtended };
        if (length == 0)
            return fork;
        fork.Room(length).CopyFrom(_rows!, length);
        fork._tokens.AddRange(Tokens[..length]);
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

    /// <summary>Counts tokens whose keys and values every layer has appended.</summary>
    public void Add(ReadOnlySpan<int> ids)
    {
        _rows!.Advance(ids.Length);
        _tokens.AddRange(ids);
    }

    public void Dispose()
    {
        _rows?.Dispose();
        _rows = null;
        _tokens.Clear();
    }
}
