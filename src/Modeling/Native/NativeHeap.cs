using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Modeling.Native;

/// <summary>Gives memory that libtorch has freed back to the system.</summary>
/// <remarks>glibc keeps freed blocks of a step's many sizes, and the process grows from fragmentation alone; trimming holds it flat.</remarks>
internal sealed class NativeHeap
{
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

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int malloc_trim(nuint padding);
}
