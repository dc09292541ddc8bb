using System.Diagnostics;
using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.Lora;

/// <summary>Two roads to the gradients of A and B: through the matrix's own gradient, and through products that are as narrow as the rank.</summary>
internal static class GradientRoads
{
    private const int Rounds = 5;

    /// <summary>Times both for numbers of rows and prints them.</summary>
    /// <param name="input">Width of the layer's input.</param>
    /// <param name="output">Width of its output.</param>
    /// <param name="rank">The rank.</param>
    public static void Run(int input, int output, int rank)
    {
        TorchNativeLibrary.EnsureLoaded();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using Generator random = new(1);
        Tensor a = randn([rank, input], generator: random), b = randn([output, rank], generator: random), gradientA = zeros(rank, input),
            gradientB = zeros(output, rank);
        foreach (int rows in new[] { 16, 64, 256, 1024, 4096 })
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor x = randn([rows, input], generator: random), dy = randn([rows, output], generator: random), whole = zeros(output, input);
            double dense = Best(() =>
            {
                HostProduct.AddTo(whole, dy.t(), x);
                HostProduct.AddTo(gradientA, b.t(), whole);
                HostProduct.AddTo(gradientB, whole, a.t());
            });
            double narrow = Best(() =>
            {
                Tensor low = HostProduct.Of(x, a), lowGradient = HostProduct.Of(dy, b.t()); // (N, r)
                HostProduct.AddTo(gradientB, dy.t(), low);
                HostProduct.AddTo(gradientA, lowGradient.t(), x);
            });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{input}x{output} rank {rank}, {rows,5} rows: through dW {1e3 * dense:F2} ms, through the rank {1e3 * narrow:F2} ms, {dense / narrow:F1} " +
                    $"times"));
        }
    }

    private static double Best(Action work)
    {
        double best = double.MaxValue;
        for (int round = 0; round <= Rounds; round++)
        {
            using DisposeScope scope = NewDisposeScope();
            long start = Stopwatch.GetTimestamp();
            work();
            if (round > 0)
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}
