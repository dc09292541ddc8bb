using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>The keys and values of the tokens already seen of one sequence, for every layer.</summary>
/// <remarks>Not thread-safe; one generation at a time uses it. Memory: 2 * layers * capacity * key-value heads * D elements.</remarks>
internal sealed class KeyValueCache : IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;

    /// <summary>Reserves room for a number of tokens.</summary>
    public KeyValueCache(ModelConfig config, long capacity, ScalarType type, Device device)
    {
        Capacity = capacity;
        using DisposeScope scope = NewDisposeScope();
        Tensor Room() => zeros([capacity, config.KeyValueHeadCount, config.HeadDim], type, device).DetachFromDisposeScope(); // (capacity, kv, D)
        _keys = [.. Enumerable.Range(0, config.LayerCount).Select(_ => Room())];
        _values = [.. Enumerable.Range(0, config.LayerCount).Select(_ => Room())];
    }

    /// <summary>How many tokens fit.</summary>
    public long Capacity { get; }

    /// <summary>How many tokens are in.</summary>
    public long Length { get; private set; }

    /// <summary>Forgets the tokens from the given count on, so that another continuation can follow.</summary>
    public void Truncate(long length) => Length = Math.Min(Length, length);

    /// <summary>Takes over the first tokens that another cache of the same model holds.</summary>
    public void CopyFrom(KeyValueCache other, long length)
    {
        using DisposeScope scope = NewDisposeScope();
        for (int layer = 0; layer < _keys.Length; layer++)
        {
            _keys[layer].narrow(0, 0, length).copy_(other._keys[layer].narrow(0, 0, length));
            _values[layer].narrow(0, 0, length).copy_(other._values[layer].narrow(0, 0, length));
        }
        Length = length;
    }

    /// <summary>Writes one layer's new rows behind the present ones, and gives all of that layer's rows.</summary>
    /// <returns>Views (Length + T, kv, D), in the caller's scope.</returns>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor key, Tensor value)
    {
        long rows = key.shape[0];
        if (Length + rows > Capacity)
            throw new InvalidOperationException($"The cache has room for {Capacity} tokens; {Length} are in and {rows} more were given.");
        using (DisposeScope scope = NewDisposeScope())
        {
            _keys[layer].narrow(0, Length, rows).copy_(key);
            _values[layer].narrow(0, Length, rows).copy_(value);
        }
        return (_keys[layer].narrow(0, 0, Length + rows), _values[layer].narrow(0, 0, Length + rows)); // (Length + T, kv, D)
    }

    /// <summary>Counts the rows that every layer has appended.</summary>
    public void Advance(long rows) => Length += rows;

    public void Dispose()
    {
        foreach (Tensor room in _keys.Concat(_values))
            room.Dispose();
    }
}
