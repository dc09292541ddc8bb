using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Measures which element type multiplies matrices of the model's shape faster here.</summary>
internal static class PrecisionProbe
{
    private const int Rows = 512;
    private const int Rounds = 3;

    /// <summary>Whether bf16 products, casts of fp32 weights included, beat fp32 ones.</summary>
    public static bool Bf16IsFaster(Device device, int hiddenSize, int intermediateSize)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor rows = ones([Rows, hiddenSize], device: device), weight = ones([intermediateSize, hiddenSize], device: device);
        return Seconds(rows, weight, ScalarType.BFloat16, device) < Seconds(rows, weight, ScalarType.Float32, device);
    }

    private static double Seconds(Tensor rows, Tensor weight, ScalarType type, Device device)
    {
        double best = double.MaxValue;
        for (int round = 0; round <= Rounds; round++)
        {
            using DisposeScope scope = NewDisposeScope();
            if (device.type == DeviceType.CUDA) cuda.synchronize(device);
            long start = Stopwatch.GetTimestamp();
            _ = nn.functional.linear(rows.to(type), weight.to(type));
            if (device.type == DeviceType.CUDA) cuda.synchronize(device);
            if (round > 0) best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds); // the first round prepares kernels
        }
        return best;
    }
}
