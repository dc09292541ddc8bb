using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>
/// GELU by its hyperbolic tangent (Hendrycks and Gimpel 2016, arXiv 1606.08415): x (1 + tanh u) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3), which is x
/// times the logistic function of 2 u.
/// </summary>
internal readonly struct GeluTanhGate : IGateActivation
{
    private const float Slope = 1.5957691216057308f; // 2 sqrt(2 / pi)
    private const float Cubic = 0.044715f;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> value) => value * Exponential.Sigmoid(Inner(value, value * value));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Derivative(Vector512<float> value, out Vector512<float> activated)
    {
        Vector512<float> square = value * value, sigmoid = Exponential.Sigmoid(Inner(value, square));
        activated = value * sigmoid;
        Vector512<float> steepness = Slope * (Vector512<float>.One + 3 * Cubic * square);
        return sigmoid + activated * (Vector512<float>.One - sigmoid) * steepness; // the derivative of x s(g(x)) is s + x s (1 - s) g'
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Inner(Vector512<float> value, Vector512<float> square) => Slope * value * (Vector512<float>.One + Cubic * square);
}
