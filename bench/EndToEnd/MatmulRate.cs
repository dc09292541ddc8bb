using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.EndToEnd;

/// <summary>What a plain large matrix product reaches in this process, on the same threads: the yardstick of utilisation.</summary>
internal static class MatmulRate
{
    private const int Size = 2048;

    /// <summary>Floating-point operations per second of one product, the best of a few: by the clock, and by processor time.</summary>
    public static (double Clock, double Processor) Measure(ScalarType type = ScalarType.Float32, int rounds = 3)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor left = randn(Size, Size).to(type), right = randn(Size, Size).to(type);
        left.matmul(right);
        double clock = double.MaxValue, processor = double.MaxValue;
        for (int i = 0; i < rounds; i++)
        {
            using DisposeScope round = NewDisposeScope();
            TimeSpan before = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            left.matmul(right);
            clock = Math.Min(clock, Stopwatch.GetElapsedTime(start).TotalSeconds);
            processor = Math.Min(processor, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
        }
        const double Work = 2.0 * Size * Size * Size;
        return (Work / clock, Work / processor);
    }
}
