namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>One sequence's keys and values, block by block.</summary>
/// <remarks>Not thread-safe. A block that another sequence has too is copied before it is written to.</remarks>
public sealed class SequenceBlocks : IDisposable
{
    private readonly CacheBlocks _pool;
    private readonly List<CacheBlock> _blocks = [];


    /// <summary>Makes an empty one.</summary>
    public SequenceBlocks(CacheBlocks pool) => _pool = pool;

    /// <summary>How many tokens it holds.</summary>
    public int Length { get; private set; }

    /// <summary>What blocks have of each token.</summary>
    internal CacheShape Shape => _pool.Shape;

    /// <summary>Its blocks; the last may have room left.</summary>
    internal IReadOnlyList<CacheBlock> Blocks => _blocks;

    /// <summary>The block of a token.</summary>
    internal CacheBlock this[int position] => _blocks[position / CacheBlock.Tokens];

    /// <summary>Makes room for further tokens, which is written to before <see cref="Advance"/>.</summary>
    public void Reserve(int tokens)
    {
        int first = Length / CacheBlock.Tokens;
        if (first < _blocks.Count && _blocks[first].Owners > 1)
            _blocks[first] = _pool.Copy(_blocks[first]);
        while (_blocks.Count * CacheBlock.Tokens < Length + tokens)
            _blocks.Add(_pool.Take());
    }

    /// <summary>Counts tokens that every layer has written.</summary>
    public void Advance(int tokens) => Length += tokens;

    /// <summary>Forgets the tokens from the given count on.</summary>
    public void Truncate(int length)
    {
        Length = Math.Min(Length, length);
        int kept = (Length + CacheBlock.Tokens - 1) / CacheBlock.Tokens;
        for (int i = _blocks.Count - 1; i >= kept; i--)
            _pool.Return(_blocks[i]);
        _blocks.RemoveRange(kept, Math.Max(0, _blocks.Count - kept));
    }

    /// <summary>One of its own that begins with this one's first tokens and shares their blocks.</summary>
    /// <param name="length">How many tokens, at most <see cref="Length"/>.</param>
    public SequenceBlocks Fork(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        SequenceBlocks fork = new(_pool) { Length = length };
        foreach (CacheBlock block in _blocks.Take((length + CacheBlock.Tokens - 1) / CacheBlock.Tokens))
        {
            block.Owners++;
            fork._blocks.Add(block);
        }
        return fork;
    }

    /// <inheritdoc />
    public void Dispose() => Truncate(0);
}
