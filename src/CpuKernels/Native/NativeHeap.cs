using System.Diagnostics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>
/// What becomes of memory that libtorch frees: kept while steps follow each other, since the system clears a page each time that it hands one out. Large
/// tensors lie in blocks of the library's own (<see cref="KeptBlocks"/>), and what glibc keeps of the rest is given back now and then.
/// </summary>
/// <remarks>
/// glibc keeps freed blocks of a step's many sizes, and where large tensors are among them, the process grows from fragmentation alone; trimming holds it down.
/// Other C libraries are left as they are.
/// The heap is the process's: while several runs have one of these, the way that takes least memory rules, and the last to end puts glibc back.
/// glibc tells nobody its thresholds, and does not go back to moving them by itself once they were set: what is put back is what the environment told it
/// (<c>GLIBC_TUNABLES</c>, <c>MALLOC_MMAP_THRESHOLD_</c>, <c>MALLOC_TRIM_THRESHOLD_</c>), and otherwise what it comes to by itself.
/// </remarks>
public sealed class NativeHeap : IDisposable
{
    private readonly GlibcHeap? _heap;
    private readonly IDisposable? _mode, _tensors;
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>Sets the heap up for steps.</summary>
    /// <param name="keepBlocks">
    /// Whether freed blocks are kept until the next trim. Otherwise large ones go back at once: those of layers that are computed twice leave gaps, and
    /// recomputing a layer then takes twice its memory.
    /// The price is that the system clears the pages anew.
    /// </param>
    public NativeHeap(bool keepBlocks)
        : this(keepBlocks, GlibcHeap.Process) => _tensors = KeptBlocks.Keep();

    internal NativeHeap(bool keepBlocks, GlibcHeap? heap)
    {
        _heap = heap;
        _mode = heap?.Want(keepBlocks ? HeapMode.KeepBlocks : HeapMode.ReturnBlocks);
    }

    /// <summary>Whether this process's C library is one that can be told: glibc.</summary>
    public static bool Available => GlibcHeap.Process is not null;

    /// <summary>How long trims are apart at least: a step after one takes some 0.3 s more.</summary>
    internal static TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The mode that was set last.</summary>
    internal static HeapMode Mode => GlibcHeap.Process?.Mode ?? HeapMode.Usual;

    /// <summary>To be called before the first step: gives back what preparing the run has freed, which its steps would not use.</summary>
    public void Begin()
    {
        if (_tensors is not null)
            KeptBlocks.Release();
        _heap?.Trim();
    }

    /// <summary>To be called between steps: trims the heap if the last time is a while ago.</summary>
    public void Settle()
    {
        if (Stopwatch.GetElapsedTime(_last) < Interval)
            return;
        _heap?.Trim();
        _last = Stopwatch.GetTimestamp();
    }

    /// <summary>Gives back what the steps have freed; what other runs keep they trim themselves.</summary>
    public void Dispose()
    {
        _tensors?.Dispose();
        _mode?.Dispose();
        _heap?.TrimUnlessKept();
    }
}
