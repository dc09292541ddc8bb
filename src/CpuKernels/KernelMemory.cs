using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>The memory of tensors that kernels work on; good as long as the tensor lives.</summary>
internal static unsafe class KernelMemory
{
    /// <summary>The elements of a contiguous fp32 tensor in the CPU's memory.</summary>
    public static float* Fp32(Tensor tensor)
    {
        if (tensor.dtype != ScalarType.Float32)
            throw new ArgumentException($"The tensor is {tensor.dtype}; the kernel takes Float32.", nameof(tensor));
        return (float*)Bytes(tensor);
    }

    /// <summary>The elements of a contiguous tensor in the CPU's memory.</summary>
    public static byte* Bytes(Tensor tensor)
    {
        if (!tensor.is_contiguous())
            throw new ArgumentException($"The tensor ({string.Join(", ", tensor.shape)}) is not contiguous.", nameof(tensor));
        return (byte*)TensorAddress.Of(tensor);
    }

    /// <summary>The same, or null for none.</summary>
    public static byte* Optional(Tensor? tensor) => tensor is null ? null : Bytes(tensor);

    /// <summary>Adds what blocks of rows have summed up, in the order of the blocks.</summary>
    /// <param name="shares">(blocks, width), fp32.</param>
    /// <param name="target">(width), fp32, added to.</param>
    public static void AddShares(Tensor shares, Tensor target)
    {
        using Tensor sum = shares.sum(0L); // (width)
        target.AddInPlace(sum);
    }
}
