using System.Diagnostics;
using System.Globalization;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Tests;

/// <summary>The time that the current thread has worked, so that a busy machine makes no test slow; where the system does not tell, the time of day.</summary>
internal static class ThreadTime
{
    private const string ProcessorTimes = "/proc/thread-self/stat";
    private const int TicksPerSecond = 100;

    public static TimeSpan Now()
    {
        if (!File.Exists(ProcessorTimes))
            return Stopwatch.GetElapsedTime(0);
        string fields = File.ReadAllText(ProcessorTimes);
        string[] afterName = fields[(fields.LastIndexOf(')') + 2)..].Split(' ');
        long ticks = long.Parse(afterName[11], CultureInfo.InvariantCulture) + long.Parse(afterName[12], CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }
}
