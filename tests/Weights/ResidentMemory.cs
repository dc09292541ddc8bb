using System.Globalization;
using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>The process's resident memory on Linux.</summary>
internal static class ResidentMemory
{
    /// <summary>Sets the peak back to what is resident now, and returns that.</summary>
    public static long ResetPeak()
    {
        TrimHeap(0);
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Read("VmRSS:");
    }

    /// <summary>The most that was resident since the last reset.</summary>
    public static long Peak() => Read("VmHWM:");

    // What the C library keeps of freed memory would hide the growth.
    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int TrimHeap(nint keep);

    private static long Read(string key)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
    }
}
