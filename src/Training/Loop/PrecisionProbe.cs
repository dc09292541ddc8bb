using System.Diagnostics;
using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.Training.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>How fast matrices of a model's shape are multiplied here, casts of fp32 weights included.</summary>
/// <param name="Fp32">In fp32, floating-point operations per second.</param>
/// <param name="Bf16">In bf16, floating-point operations per second.</param>
internal sealed record PrecisionProbe(double Fp32, double Bf16)
{
    private const int Rows = 512;
    private const int Rounds = 5;

    /// <summary>Whether bf16 pays.</summary>
    public bool Bf16IsFaster => Bf16 > Fp32;

    /// <summary>
    /// Measures the products that fused layers or autograd's take; with several ranks all get what rank 0 measured, so that they choose alike.
    /// </summary>
    public static PrecisionProbe Measure(Device device, int hiddenSize, int intermediateSize, bool fused, ICommunicator communicator)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor rows = ones([Rows, hiddenSize], device: device), weight = ones([intermediateSize, hiddenSize], device: device);
        double work = 2.0 * Rows * hiddenSize * intermediateSize;
        double[] rates = [work / Seconds(rows, weight, ScalarType.Float32, fused), work / Seconds(rows, weight, ScalarType.BFloat16, fused)];
        if (communicator.Size > 1)
            communicator.Broadcast(MemoryMarshal.AsBytes(rates.AsSpan()), 0);
        return new PrecisionProbe(rates[0], rates[1]);
    }

    private static double Seconds(Tensor rows, Tensor weight, ScalarType type, bool fused)
    {
        Device device = rows.device;
        double best = double.MaxValue;
        for (int round = 0; round <= Rounds; round++)
        {
            using DisposeScope scope = NewDisposeScope();
            if (device.type == DeviceType.CUDA)
                cuda.synchronize(device);
            long start = Stopwatch.GetTimestamp();
            _ = fused ? HostProduct.Of(rows.to(type), weight.to(type)) : nn.functional.linear(rows.to(type), weight.to(type));
            if (device.type == DeviceType.CUDA)
                cuda.synchronize(device);
            if (round > 0)
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds); // the first round prepares kernels
        }
        return best;
    }
}
