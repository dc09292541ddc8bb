using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>SiLU: x times its logistic function.</summary>
internal readonly struct SiluGate : IGateActivation
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> value) => value * Exponential.Sigmoid(value);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Derivative(Vector512<float> value, out Vector512<float> activated)
    {
        Vector512<float> sigmoid = Exponential.Sigmoid(value);
        activated = value * sigmoid;
        return sigmoid + activated * (Vector512<float>.One - sigmoid); // of x s(x) it is s + x s (1 - s)
    }
}
