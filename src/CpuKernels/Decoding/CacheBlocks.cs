using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>The blocks in which sequences keep their keys and values: each is counted, and those that nobody has are used again.</summary>
/// <remarks>Not thread-safe. It keeps sixteen free blocks; the rest goes back to the system at once.</remarks>
public sealed unsafe class CacheBlocks : IDisposable
{
    private const int MostFree = 16; // a thousand tokens

    private readonly Stack<NativeBuffer> _free = [];
    private bool _disposed;

    /// <summary>Makes a pool without blocks.</summary>
    public CacheBlocks(CacheShape shape) => Shape = shape;

    /// <summary>What a block has of each token.</summary>
    internal CacheShape Shape { get; }

    /// <summary>Blocks that sequences have.</summary>
    internal int Used { get; private set; }

    /// <summary>Blocks that wait to be used again.</summary>
    internal int Free => _free.Count;

    /// <summary>A block with one owner; what it holds is left from before.</summary>
    internal CacheBlock Take()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_free.TryPop(out NativeBuffer? memory))
            memory = new NativeBuffer(Shape.BlockBytes); // values behind D are read, and stay zero
        Used++;
        return new CacheBlock(memory);
    }

    /// <summary>A block of its own with the same content, in place of one that others have too.</summary>
    internal CacheBlock Copy(CacheBlock block)
    {
        CacheBlock own = Take();
        NativeMemory.Copy(block.Memory.Memory, own.Memory.Memory, Shape.BlockBytes);
        Return(block);
        return own;
    }

    /// <summary>Lets one owner go.</summary>
    internal void Return(CacheBlock block)
    {
        if (--block.Owners > 0)
            return;
        Used--;
        if (_disposed || _free.Count >= MostFree)
            block.Memory.Dispose();
        else
            _free.Push(block.Memory);
    }

    /// <summary>Gives the free blocks back; the others go with the last sequence that has them.</summary>
    public void Dispose()
    {
        _disposed = true;
        while (_free.TryPop(out NativeBuffer? memory))
            memory.Dispose();
    }
}
