using System.Globalization;
using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>The process's resident memory on Linux, in MiB.</summary>
internal static class ResidentMemory
{
    /// <summary>What is resident now.</summary>
    public static double Now => Read("VmRSS:");

    /// <summary>The most that was ever resident.</summary>
    public static double Peak => Read("VmHWM:");

    /// <summary>What is resident after garbage was collected and freed memory given back: what is held.</summary>
    public static double Held()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        TrimHeap(0);
        return Now;
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int TrimHeap(nint keep);

    private static double Read(string key)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024.0;
    }
}
