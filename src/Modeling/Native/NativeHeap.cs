using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Modeling.Native;

/// <summary>Gives memory that libtorch has freed back to the system.</summary>
/// <remarks>glibc keeps freed blocks of a step's many sizes, and the process grows from fragmentation alone; trimming holds it flat.</remarks>
internal sealed class NativeHeap
{
    private const int MapThreshold = -3, LargeBlock = 1 << 20; // M_MMAP_THRESHOLD of malloc.h
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5); // a trim takes about 50 ms: one part in a hundred
    private static bool s_available = OperatingSystem.IsLinux();
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>Trims the heap if the last time is a while ago.</summary>
    public void TrimNowAndThen()
    {
        if (!s_available || Stopwatch.GetElapsedTime(_last) < s_interval) return;
        try
        {
            _ = malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            s_available = false; // another C library, such as musl
        }
        _last = Stopwatch.GetTimestamp();
    }

    /// <summary>Has blocks of a megabyte and more given back as soon as they are freed, for the rest of the process.</summary>
    /// <remarks>
    /// Otherwise glibc keeps blocks of up to 32 MiB, and those of layers that are computed twice leave gaps: recomputing a layer then takes twice its memory.
    /// The price is that the system clears the pages anew.
    /// </remarks>
    public static void ReturnLargeBlocks()
    {
        if (!s_available) return;
        try
        {
            _ = mallopt(MapThreshold, LargeBlock);
        }
        catch (EntryPointNotFoundException)
        {
            s_available = false;
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int malloc_trim(nuint padding);

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int mallopt(int parameter, int value);
}
