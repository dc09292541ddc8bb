using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.EndToEnd;

/// <summary>What a plain large matrix product reaches in this process, on the same threads: the yardstick of utilisation.</summary>
internal static class MatmulRate
{
    private const int Size = 2048;

    /// <summary>Floating-point operations per second of one product, the best of a few.</summary>
    public static double Measure(ScalarType type = ScalarType.Float32, int rounds = 3)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor left = randn(Size, Size).to(type), right = randn(Size, Size).to(type);
        left.matmul(right);
        double best = double.MaxValue;
        for (int i = 0; i < rounds; i++)
        {
            using DisposeScope round = NewDisposeScope();
            long start = Stopwatch.GetTimestamp();
            left.matmul(right);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return 2.0 * Size * Size * Size / best;
    }
}
