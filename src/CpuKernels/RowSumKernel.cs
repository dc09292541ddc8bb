using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>Sums into memory that was taken before: what outlives its neighbours is to stand beside its like, or the heap gets holes.</summary>
public static unsafe class RowSumKernel
{
    private const int Block = 1 << 13; // elements

    /// <summary>Adds.</summary>
    /// <param name="target">(N, width), fp32, overwritten.</param>
    /// <param name="wide">(N, width), fp32.</param>
    /// <param name="added">(N, width), fp32 or bf16.</param>
    public static void Into(Tensor target, Tensor wide, Tensor added)
    {
        if (added.dtype == ScalarType.BFloat16)
            Into<Bf16Element>(target, wide, added);
        else
            Into<Fp32Element>(target, wide, added);
    }

    private static void Into<T>(Tensor target, Tensor wide, Tensor added) where T : IElement
    {
        float* to = KernelMemory.Fp32(target), from = KernelMemory.Fp32(wide);
        byte* delta = KernelMemory.Bytes(added);
        HostThreads.Rows(target.numel(), Block, (_, first, end) => Into<T>(to, from, delta, (nint)first, (nint)end));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Into<T>(float* to, float* from, byte* delta, nint first, nint end) where T : IElement
    {
        for (nint i = first; i < end; i += Vector512<float>.Count)
            Fp32Element.Store(to, i, end - i, Fp32Element.Load(from, i, end - i) + T.Load(delta, i, end - i));
    }
}
