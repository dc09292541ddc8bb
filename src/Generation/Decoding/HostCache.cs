using MiniMind.MLNet.Dpo.CpuKernels.Decoding;

namespace MiniMind.MLNet.Dpo.Generation.Decoding;

/// <summary>A sequence's keys and values in blocks, which forks share.</summary>
/// <param name="reader">Whose passes write it.</param>
/// <param name="blocks">The blocks; taken over.</param>
internal sealed class HostCache(object reader, SequenceBlocks blocks) : ISequenceCache
{
    /// <inheritdoc />
    public int Length => blocks.Length;

    /// <summary>Whose passes write it.</summary>
    public object Reader => reader;

    /// <summary>The blocks.</summary>
    public SequenceBlocks Blocks => blocks;

    /// <summary>Whether its keys were rotated for a sequence beyond the original context of LongRoPE.</summary>
    public bool IsBeyond { get; set; }

    /// <inheritdoc />
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        blocks.Truncate(length);
    }

    /// <inheritdoc />
    public ISequenceCache Fork(int length) => new HostCache(reader, blocks.Fork(length)) { IsBeyond = IsBeyond };

    /// <inheritdoc />
    public void Dispose() => blocks.Dispose();
}
