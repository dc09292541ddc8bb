using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Modeling.Native;

/// <summary>How glibc deals with what libtorch frees: kept while steps follow each other, since the system clears a page each time that it hands one out, and given back now and then.</summary>
/// <remarks>glibc keeps freed blocks of a step's many sizes, and the process grows from fragmentation alone; trimming holds it flat. Other C libraries are left as they are.</remarks>
internal sealed class NativeHeap : IDisposable
{
    private const int TrimThreshold = -1, MapThreshold = -3; // M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
    private const int LargeBlock = 1 << 20, LargestKept = 32 << 20, UsualTop = 64 << 20; // glibc's own thresholds grow to the last two
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(60); // a step after a trim takes some 0.3 s more
    private static readonly TimeSpan s_finalizing = TimeSpan.FromSeconds(0.25);
    private static bool s_available = OperatingSystem.IsLinux();
    private readonly bool _keeps;
    private long _last = Stopwatch.GetTimestamp(), _lastFinalized;

    /// <summary>Sets the heap up for steps.</summary>
    /// <param name="keepBlocks">Whether freed blocks are kept until the next trim; otherwise large ones go back at once, see <see cref="ReturnLargeBlocks"/>.</param>
    public NativeHeap(bool keepBlocks)
    {
        _keeps = keepBlocks;
        if (!keepBlocks)
        {
            ReturnLargeBlocks();
            return;
        }
        Set(MapThreshold, LargestKept);
        Set(TrimThreshold, int.MaxValue);
    }

    /// <summary>To be called between steps: has what TorchSharp left to the finalizers freed, and trims the heap if the last time is a while ago.</summary>
    /// <remarks>
    /// TorchSharp makes a native object of every number that an operation takes, and frees it with the garbage collector only. A step hardly makes managed garbage, so that would be after many steps;
    /// meanwhile each of these objects lies between blocks that were freed, which then cannot be joined: in 16 steps the heap grew to 2.7 to 4.6 times what one needs. A collection of the youngest generation takes a millisecond.
    /// </remarks>
    public void Settle()
    {
        if (_keeps && Stopwatch.GetElapsedTime(_lastFinalized) >= s_finalizing)
        {
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
            _lastFinalized = Stopwatch.GetTimestamp();
        }
        if (Stopwatch.GetElapsedTime(_last) < s_interval) return;
        Trim();
        _last = Stopwatch.GetTimestamp();
    }

    /// <summary>Gives back what the steps have freed.</summary>
    public void Dispose()
    {
        if (_keeps) Set(TrimThreshold, UsualTop);
        Trim();
    }

    /// <summary>Has blocks of a megabyte and more given back as soon as they are freed, for the rest of the process.</summary>
    /// <remarks>
    /// Otherwise glibc keeps blocks of up to 32 MiB, and those of layers that are computed twice leave gaps: recomputing a layer then takes twice its memory.
    /// The price is that the system clears the pages anew.
    /// </remarks>
    public static void ReturnLargeBlocks() => Set(MapThreshold, LargeBlock);

    private static void Set(int parameter, int value) => Call(() => mallopt(parameter, value));

    private static void Trim() => Call(() => malloc_trim(0));

    private static void Call(Func<int> function)
    {
        if (!s_available) return;
        try
        {
            _ = function();
        }
        catch (EntryPointNotFoundException)
        {
            s_available = false; // another C library, such as musl
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int malloc_trim(nuint padding);

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int mallopt(int parameter, int value);
}
