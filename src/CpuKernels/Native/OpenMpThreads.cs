using System.Globalization;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>How many threads libtorch takes by itself on Linux.</summary>
/// <remarks>
/// libgomp counts the processors that the process may run on, and knows nothing of a container's quota: with two processors' time on a machine of 64, it starts
/// 64 threads, which use the quota up within a few milliseconds of each tenth of a second and stand still for the rest. .NET knows the quota.
/// </remarks>
internal static class OpenMpThreads
{
    private const string Threads = "OMP_NUM_THREADS";

    /// <summary>Sets as many threads as the quota has processors, unless the environment says something; to be called before libtorch is loaded.</summary>
    public static void Limit()
    {
        if (!OperatingSystem.IsLinux() || NativeEnvironment.SaysAnyOf(Threads, "MKL_NUM_THREADS"))
            return;
        if (Allowed(ReadStatus()) is { } allowed && Environment.ProcessorCount < allowed)
            NativeEnvironment.Set(Threads, Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>How many processors a process may run on, by its <c>/proc/.../status</c>; <see langword="null"/> where that does not say it.</summary>
    public static int? Allowed(IEnumerable<string> status)
    {
        const string key = "Cpus_allowed_list:";
        if (status.FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is not { } line)
            return null;
        int count = 0;
        foreach (string range in line[key.Length..].Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = range.Split('-');
            if (ends.Length > 2 || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last) || last < first)
            {
                return null;
            }
            count += last - first + 1;
        }
        return count;
    }

    private static string[] ReadStatus()
    {
        try
        {
            return File.ReadAllLines("/proc/self/status");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
