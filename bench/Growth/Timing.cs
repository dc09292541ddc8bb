using System.Diagnostics;

namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>The least time of something over rounds.</summary>
internal sealed class Timing
{
    /// <summary>By the clock.</summary>
    public double Seconds { get; private set; } = double.MaxValue;

    /// <summary>Of all processors together.</summary>
    public double ProcessorSeconds { get; private set; } = double.MaxValue;

    /// <summary>Runs it so many times and takes the mean of the round; rounds below 0 do not count.</summary>
    public void Measure(int round, int times, Action action)
    {
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
            action();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds / times,
            processorSeconds = (Environment.CpuUsage.TotalTime - processor).TotalSeconds / times;
        if (round < 0)
            return;
        Seconds = Math.Min(Seconds, seconds);
        ProcessorSeconds = Math.Min(ProcessorSeconds, processorSeconds);
    }
}
