using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>The middle of SwiGLU or GeGLU, an activation of the gate times up, and its gradients (Shazeer 2020, arXiv 2002.05202).</summary>
public static unsafe class GatedKernel
{
    private const int Block = 1 << 13; // elements

    /// <summary>Multiplies.</summary>
    /// <param name="gate">(N, width), fp32 or bf16.</param>
    /// <param name="up">The same.</param>
    /// <param name="gelu">Whether the activation is GELU by its hyperbolic tangent; otherwise it is SiLU.</param>
    /// <returns>The same, in the current scope.</returns>
    public static Tensor Forward(Tensor gate, Tensor up, bool gelu = false)
    {
        Tensor product = empty_like(gate); // (N, width)
        if (gelu)
            Forward<GeluTanhGate>(gate, up, product);
        else
            Forward<SiluGate>(gate, up, product);
        return product;
    }

    /// <summary>Replaces gate and up by the gradients with respect to them, and the gradient by the product once more.</summary>
    /// <param name="gate">(N, width), fp32 or bf16.</param>
    /// <param name="up">The same.</param>
    /// <param name="gradient">The same: with respect to the product.</param>
    /// <param name="gelu">As for <see cref="Forward(Tensor, Tensor, bool)"/>.</param>
    public static void BackwardInPlace(Tensor gate, Tensor up, Tensor gradient, bool gelu = false)
    {
        if (gelu)
            Backward<GeluTanhGate>(gate, up, gradient);
        else
            Backward<SiluGate>(gate, up, gradient);
    }

    private static void Forward<TGate>(Tensor gate, Tensor up, Tensor product) where TGate : struct, IGateActivation
    {
        if (gate.dtype == ScalarType.BFloat16)
            Forward<Bf16Element, TGate>(gate, up, product);
        else
            Forward<Fp32Element, TGate>(gate, up, product);
    }

    private static void Backward<TGate>(Tensor gate, Tensor up, Tensor gradient) where TGate : struct, IGateActivation
    {
        if (gate.dtype == ScalarType.BFloat16)
            Backward<Bf16Element, TGate>(gate, up, gradient);
        else
            Backward<Fp32Element, TGate>(gate, up, gradient);
    }

    private static void Forward<T, TGate>(Tensor gate, Tensor up, Tensor product) where T : IElement where TGate : struct, IGateActivation
    {
        byte* gates = KernelMemory.Bytes(gate), ups = KernelMemory.Bytes(up), to = KernelMemory.Bytes(product);
        HostThreads.Rows(gate.numel(), Block, (_, first, end) => Forward<T, TGate>(gates, ups, to, (nint)first, (nint)end));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Forward<T, TGate>(byte* gates, byte* ups, byte* to, nint first, nint end) where T : IElement where TGate : struct, IGateActivation
    {
        for (nint i = first; i < end; i += Vector512<float>.Count)
        {
            nint left = end - i;
            Vector512<float> value = T.Load(gates, i, left);
            T.Store(to, i, left, TGate.Of(value) * T.Load(ups, i, left));
        }
    }

    private static void Backward<T, TGate>(Tensor gate, Tensor up, Tensor gradient) where T : IElement where TGate : struct, IGateActivation
    {
        byte* gates = KernelMemory.Bytes(gate), ups = KernelMemory.Bytes(up), upper = KernelMemory.Bytes(gradient);
        HostThreads.Rows(gate.numel(), Block, (_, first, end) => Backward<T, TGate>(gates, ups, upper, (nint)first, (nint)end));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Backward<T, TGate>(byte* gates, byte* ups, byte* upper, nint first, nint end) where T : IElement where TGate : struct, IGateActivation
    {
        for (nint i = first; i < end; i += Vector512<float>.Count)
        {
            nint left = end - i;
            Vector512<float> value = T.Load(gates, i, left), factor = T.Load(ups, i, left), outer = T.Load(upper, i, left);
            Vector512<float> derivative = TGate.Derivative(value, out Vector512<float> activated);
            T.Store(gates, i, left, outer * factor * derivative);
            T.Store(ups, i, left, outer * activated);
            T.Store(upper, i, left, activated * factor);
        }
    }
}
