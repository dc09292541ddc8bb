using System.Globalization;

namespace MiniMind.MLNet.Dpo.Bench.LongRun;

/// <summary>What Linux says of this process's memory.</summary>
internal static class ProcessMemory
{
    /// <summary>A figure of <c>/proc/self/status</c>, in MiB.</summary>
    /// <param name="name">Such as <c>VmHWM</c>, the largest resident set, or <c>RssAnon</c>, what of it is no file's now.</param>
    public static double Mebibytes(string name)
    {
        string line = File.ReadLines("/proc/self/status").Single(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
