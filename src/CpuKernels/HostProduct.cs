using System.Runtime.Intrinsics;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>Matrix products without a graph, by whichever library of libtorch's is the faster on this processor.</summary>
public static class HostProduct
{
    /// <summary>
    /// The most elements of a product that exist at once before they are added to something else: that of a large vocabulary never exists whole.
    /// </summary>
    public const long LargestPart = 1 << 22;

    /// <summary>Whether kernels can work on a tensor: on a CPU with vectors of 512 bits, in fp32 or bf16.</summary>
    public static bool Fits(Tensor tensor) => Fits(tensor.device_type, tensor.dtype);

    /// <summary>The same for tensors to come.</summary>
    public static bool Fits(DeviceType device, ScalarType type) =>
        device == DeviceType.CPU && Vector512.IsHardwareAccelerated && type is ScalarType.Float32 or ScalarType.BFloat16;

    /// <summary>Multiplies by a transposed matrix.</summary>
    /// <param name="left">(N, K), any strides.</param>
    /// <param name="right">(M, K), any strides, of the same element type.</param>
    /// <returns>(N, M) in the current scope.</returns>
    public static Tensor Of(Tensor left, Tensor right) => ByOneDnn(left) ? OneDnnProduct.Of(left, right) : nn.functional.linear(left, right); // (N, M)

    /// <summary>Adds a product to a tensor.</summary>
    /// <param name="sum">(N, M), fp32.</param>
    /// <param name="left">(N, K), any strides.</param>
    /// <param name="right">(K, M), any strides.</param>
    public static void AddTo(Tensor sum, Tensor left, Tensor right)
    {
        if (left.dtype == sum.dtype && !ByOneDnn(left))
        {
            sum.addmm_(left, right);
            return;
        }
        long rows = sum.shape[0], most = Math.Max(1, LargestPart / sum.shape[1]);
        for (long start = 0; start < rows; start += most)
        {
            using DisposeScope scope = NewDisposeScope();
            long count = Math.Min(most, rows - start);
            Tensor part = OneDnnProduct.Dense(left.narrow(0, start, count)), target = sum.narrow(0, start, count); // (count, K), (count, M)
            if (!ByOneDnn(left))
                target.AddInPlace(part.mm(right));
            else if (count <= target.shape[1])
                target.AddInPlace(OneDnnProduct.Of(part, right.t()));
            else
                TransposedSum.AddTo(target, OneDnnProduct.Of(right.t(), part)); // the faster way round: oneDNN copies what stands on the left
        }
    }

    private static bool ByOneDnn(Tensor factor) => factor.dtype == ScalarType.Float32 && factor.device_type == DeviceType.CPU && OneDnnProduct.Pays;
}
