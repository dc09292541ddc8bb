using System.Globalization;
using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Bench.ModelFile;

/// <summary>The process's resident memory on Linux, in bytes.</summary>
internal static class ResidentMemory
{
    /// <summary>What is resident now.</summary>
    public static long Now => Read("VmRSS:");

    /// <summary>How much more was resident while an action ran than before it.</summary>
    public static long Growth(Action action)
    {
        GC.Collect();
        TrimHeap(0); // what the C library keeps of freed memory would hide the growth
        File.WriteAllText("/proc/self/clear_refs", "5"); // sets the peak back
        long before = Now;
        action();
        return Read("VmHWM:") - before;
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int TrimHeap(nint keep);

    private static long Read(string key)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
    }
}
