using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>SwiGLU's middle, SiLU(gate) times up, and its gradients (Shazeer 2020, arXiv 2002.05202).</summary>
public static unsafe class GatedKernel
{
    private const int Block = 1 << 13; // elements
    private const float LargestPower = 126; // of two, in fp32

    /// <summary>Multiplies.</summary>
    /// <param name="gate">(N, width), fp32 or bf16.</param>
    /// <param name="up">The same.</param>
    /// <returns>The same, in the current scope.</returns>
    public static Tensor Forward(Tensor gate, Tensor up)
    {
        Tensor product = empty_like(gate); // (N, width)
        if (gate.dtype == ScalarType.BFloat16)
            Forward<Bf16Element>(gate, up, product);
        else
            Forward<Fp32Element>(gate, up, product);
        return product;
    }

    /// <summary>Replaces gate and up by the gradients with respect to them, and the gradient by the product once more.</summary>
    /// <param name="gate">(N, width), fp32 or bf16.</param>
    /// <param name="up">The same.</param>
    /// <param name="gradient">The same: with respect to the product.</param>
    public static void BackwardInPlace(Tensor gate, Tensor up, Tensor gradient)
    {
        if (gate.dtype == ScalarType.BFloat16)
            Backward<Bf16Element>(gate, up, gradient);
        else
            Backward<Fp32Element>(gate, up, gradient);
    }

    private static void Forward<T>(Tensor gate, Tensor up, Tensor product) where T : IElement
    {
        byte* gates = KernelMemory.Bytes(gate), ups = KernelMemory.Bytes(up), to = KernelMemory.Bytes(product);
        HostThreads.Rows(gate.numel(), Block, (_, first, end) => Forward<T>(gates, ups, to, (nint)first, (nint)end));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Forward<T>(byte* gates, byte* ups, byte* to, nint first, nint end) where T : IElement
    {
        for (nint i = first; i < end; i += Vector512<float>.Count)
        {
            nint left = end - i;
            Vector512<float> value = T.Load(gates, i, left);
            T.Store(to, i, left, value * Sigmoid(value) * T.Load(ups, i, left));
        }
    }

    private static void Backward<T>(Tensor gate, Tensor up, Tensor gradient) where T : IElement
    {
        byte* gates = KernelMemory.Bytes(gate), ups = KernelMemory.Bytes(up), upper = KernelMemory.Bytes(gradient);
        HostThreads.Rows(gate.numel(), Block, (_, first, end) => Backward<T>(gates, ups, upper, (nint)first, (nint)end));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Backward<T>(byte* gates, byte* ups, byte* upper, nint first, nint end) where T : IElement
    {
        for (nint i = first; i < end; i += Vector512<float>.Count)
        {
            nint left = end - i;
            Vector512<float> value = T.Load(gates, i, left), factor = T.Load(ups, i, left), outer = T.Load(upper, i, left);
            Vector512<float> sigmoid = Sigmoid(value), activated = value * sigmoid;
            T.Store(gates, i, left, outer * factor * (sigmoid + activated * (Vector512<float>.One - sigmoid))); // the derivative of x s(x) is s + x s (1 - s)
            T.Store(ups, i, left, outer * activated);
            T.Store(upper, i, left, activated * factor);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sigmoid(Vector512<float> value) =>
        Vector512<float>.One / (Vector512<float>.One + Exponential.BaseTwo(Vector512.Min(value * -Exponential.NatsToPower, Vector512.Create(LargestPower))));
}
