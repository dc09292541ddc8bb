using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>
/// How glibc deals with what libtorch frees: kept while steps follow each other, since the system clears a page each time that it hands one out, and given back
/// now and then.
/// </summary>
/// <remarks>
/// glibc keeps freed blocks of a step's many sizes, and the process grows from fragmentation alone; trimming holds it flat. Other C libraries are left as they
/// are.
/// The heap is the process's: while several runs have one of these, the way that takes least memory rules, and the last to end puts glibc back
/// (<see cref="HeapMode.Usual"/>).
/// glibc tells nobody its thresholds, and does not go back to moving them by itself once they were set; the usual ones are those that it comes to.
/// </remarks>
public sealed class NativeHeap : IDisposable
{
    private const int TrimThreshold = -1, MapThreshold = -3; // M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
    private const int LargeBlock = 1 << 20, LargestKept = 32 << 20, UsualTop = 64 << 20; // glibc's own thresholds grow to the last two
    private static readonly ProcessSetting<HeapMode> s_mode = new(() => HeapMode.Usual, Apply, wanted => wanted.Max());
    private static bool s_available = OperatingSystem.IsLinux();
    private readonly IDisposable _mode;
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>Sets the heap up for steps.</summary>
    /// <param name="keepBlocks">
    /// Whether freed blocks are kept until the next trim. Otherwise large ones go back at once: those of layers that are computed twice leave gaps, and
    /// recomputing a layer then takes twice its memory.
    /// The price is that the system clears the pages anew.
    /// </param>
    public NativeHeap(bool keepBlocks) => _mode = s_mode.Want(keepBlocks ? HeapMode.KeepBlocks : HeapMode.ReturnBlocks);

    /// <summary>How long trims are apart at least: a step after one takes some 0.3 s more.</summary>
    internal static TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The mode that was set last.</summary>
    internal static HeapMode Mode { get; private set; }

    /// <summary>To be called between steps: trims the heap if the last time is a while ago.</summary>
    public void Settle()
    {
        if (Stopwatch.GetElapsedTime(_last) < Interval)
            return;
        Trim();
        _last = Stopwatch.GetTimestamp();
    }

    /// <summary>Gives back what the steps have freed; what other runs keep they trim themselves.</summary>
    public void Dispose()
    {
        _mode.Dispose();
        if (!s_mode.IsHeld)
            Trim();
    }

    private static void Apply(HeapMode mode)
    {
        Mode = mode;
        Set(MapThreshold, mode == HeapMode.ReturnBlocks ? LargeBlock : LargestKept);
        Set(TrimThreshold, mode == HeapMode.KeepBlocks ? int.MaxValue : UsualTop);
    }

    private static void Set(int parameter, int value) => Call(() => mallopt(parameter, value));

    private static void Trim() => Call(() => malloc_trim(0));

    private static void Call(Func<int> function)
    {
        if (!s_available)
            return;
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
