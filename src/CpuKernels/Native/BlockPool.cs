namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Memory in whole blocks that are kept when they are freed and handed out again, so that steps of varied sizes leave no gaps between them.</summary>
/// <remarks>
/// A block is never divided. It serves any request that it holds and fills to two thirds at least; where none does, a new one is mapped, and if all blocks
/// would then come to more than was ever asked for at once, with a sixteenth to spare, those that have been free for longest go back to the system.
/// Thread-safe.
/// </remarks>
/// <param name="map">Gets so many bytes from the system, a multiple of <see cref="PageSize"/>; 0 where there are none.</param>
/// <param name="unmap">Gives a block back.</param>
internal sealed class BlockPool(Func<nuint, nint> map, Action<nint, nuint> unmap)
{
    /// <summary>What sizes are rounded up to, in bytes.</summary>
    public const nuint PageSize = 4096;

    // tensors of another kind are twice as wide or more: a narrow one in a wide one's place had the next wide one map more than any step needs
    private const nuint MostIdle = 2; // a half of what is asked for

    private readonly Lock _change = new();
    private readonly Dictionary<nint, (nuint Size, nuint Asked)> _used = [];
    private readonly List<FreeBlock> _free = []; // from the smallest to the largest
    private bool _keeps;
    private nuint _inUse, _asked, _peak; // bytes of used blocks, of what was asked for, and the most of these
    private long _freed;

    /// <summary>Bytes that were handed out and not given back, in whole blocks.</summary>
    public nuint InUse
    {
        get
        {
            lock (_change)
                return _inUse;
        }
    }

    /// <summary>Bytes that the pool has of the system.</summary>
    public nuint Held
    {
        get
        {
            lock (_change)
                return _inUse + Free();
        }
    }

    /// <summary>
    /// Keeps freed blocks from now on, or gives what lies free back to the system, and later what is freed; saying the same twice changes nothing.
    /// </summary>
    public void Keep(bool keeps)
    {
        lock (_change)
        {
            if (keeps == _keeps)
                return;
            _keeps = keeps;
            _peak = _asked;
            if (!keeps)
                Shrink(0);
        }
    }

    /// <summary>Gives what lies free back to the system.</summary>
    public void Release()
    {
        lock (_change)
            Shrink(0);
    }

    /// <summary>Hands a block out.</summary>
    /// <param name="bytes">Its size at least.</param>
    /// <returns>Its address, a multiple of <see cref="PageSize"/>, its content arbitrary; 0 where there is no memory.</returns>
    public nint Take(nuint bytes)
    {
        nuint asked = (bytes + PageSize - 1) / PageSize * PageSize, size = asked;
        if (asked < bytes)
            return 0;
        lock (_change)
        {
            int place = _free.BinarySearch(new FreeBlock(size, 0, 0));
            if (place < 0)
                place = ~place;
            nint address;
            if (place < _free.Count && _free[place].Size - size <= size / MostIdle)
            {
                (size, address, _) = _free[place];
                _free.RemoveAt(place);
            }
            else
            {
                nuint most = nuint.Max(_peak, _asked + size), spare = most + most / 16;
                Shrink(spare - nuint.Min(spare, _inUse + size));
                if ((address = map(size)) == 0)
                {
                    Shrink(0);
                    if ((address = map(size)) == 0)
                        return 0;
                }
            }
            _used.Add(address, (size, asked));
            _inUse += size;
            _asked += asked;
            _peak = nuint.Max(_peak, _asked);
            return address;
        }
    }

    /// <summary>Takes a block back.</summary>
    /// <returns>Whether it is one of the pool's.</returns>
    public bool Give(nint address)
    {
        lock (_change)
        {
            if (!_used.Remove(address, out (nuint Size, nuint Asked) used))
                return false;
            nuint size = used.Size;
            _inUse -= size;
            _asked -= used.Asked;
            if (!_keeps)
            {
                unmap(address, size);
                return true;
            }
            FreeBlock block = new(size, address, ++_freed);
            int place = _free.BinarySearch(block);
            _free.Insert(place < 0 ? ~place : place, block);
            return true;
        }
    }

    private nuint Free()
    {
        nuint sum = 0;
        foreach (FreeBlock block in _free)
            sum += block.Size;
        return sum;
    }

    /// <summary>Gives the oldest free blocks back until so many bytes of them are left.</summary>
    private void Shrink(nuint most)
    {
        nuint free = Free();
        while (free > most)
        {
            int oldest = 0;
            for (int i = 1; i < _free.Count; i++)
            {
                if (_free[i].Freed < _free[oldest].Freed)
                    oldest = i;
            }
            (nuint size, nint address, _) = _free[oldest];
            _free.RemoveAt(oldest);
            free -= size;
            unmap(address, size);
        }
    }

    /// <summary>A block that nobody uses.</summary>
    /// <param name="Size">Its bytes.</param>
    /// <param name="Address">Where it is.</param>
    /// <param name="Freed">The later it was freed, the larger.</param>
    private readonly record struct FreeBlock(nuint Size, nint Address, long Freed) : IComparable<FreeBlock>
    {
        /// <summary>By size, and of equal ones by when they were freed.</summary>
        public int CompareTo(FreeBlock other) => Size == other.Size ? Freed.CompareTo(other.Freed) : Size.CompareTo(other.Size);
    }
}
