using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>Raises two to fp32 powers, sixteen at a time, and what is made of that.</summary>
internal static class Exponential
{
    /// <summary>The factor that turns nats into the powers of two taken here.</summary>
    public const float NatsToPower = 1.44269504f;

    /// <summary>The factor that turns powers of two back into nats.</summary>
    public const float PowerToNats = 0.693147181f;

    // What NatsToPower lacks, since fp32 has no nearer number: a share of 1.3e-8 of every power, always to the same side.
    private const float NatsToPowerRest = 1.92596303e-8f;

    // Far below what a sum that holds a one can feel, and far enough above denormals that products stay out of them.
    private const float Floor = -100f;

    private const float LargestPower = 126; // of two, in fp32

    // 1.5 * 2^23: adding it rounds to an integer and leaves that integer in the low mantissa bits.
    private const float Rounder = 12582912f;

    /// <summary>Returns the logistic function, 1 / (1 + e^-value).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> value) =>
        Vector512<float>.One / (Vector512<float>.One + BaseTwo(Vector512.Min(value * -NatsToPower, Vector512.Create(LargestPower))));

    /// <summary>Returns 2^power within 2 ulp for powers in [-100, 127), exactly zero below, and NaN for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> BaseTwo(Vector512<float> power)
    {
        Vector512<float> rounder = Vector512.Create(Rounder);
        Vector512<float> shifted = power + rounder;
        Vector512<float> rest = power - (shifted - rounder);
        // Minimax for the relative error on [-0.5, 0.5], constant term pinned to one: 1.6e-7.
        Vector512<float> result = Vector512.Create(0.00132764725f);
        result = Vector512.FusedMultiplyAdd(result, rest, Vector512.Create(0.00967554096f));
        result = Vector512.FusedMultiplyAdd(result, rest, Vector512.Create(0.0555071309f));
        result = Vector512.FusedMultiplyAdd(result, rest, Vector512.Create(0.240221202f));
        result = Vector512.FusedMultiplyAdd(result, rest, Vector512.Create(0.693146944f));
        result = Vector512.FusedMultiplyAdd(result, rest, Vector512<float>.One);
        result = (result.AsInt32() + (shifted.AsInt32() << 23)).AsSingle();
        return Vector512.ConditionalSelect(Vector512.LessThan(power, Vector512.Create(Floor)), Vector512<float>.Zero, result);
    }

    /// <summary>
    /// Returns e^nats for nats of at most 0, zero below -69: within 1 ulp, and with a mean error below 5e-9, so that the logarithms of thousands of sums
    /// can be added.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> OfNats(Vector512<float> nats)
    {
        Vector512<float> rounder = Vector512.Create(Rounder), factor = Vector512.Create(NatsToPower);
        Vector512<float> shifted = Vector512.FusedMultiplyAdd(nats, factor, rounder);
        Vector512<float> rest = Vector512.FusedMultiplyAdd(nats, factor, rounder - shifted);
        rest = Vector512.FusedMultiplyAdd(nats, Vector512.Create(NatsToPowerRest), rest);
        // (2^rest - 1) / rest at the Chebyshev nodes of [-0.5, 0.5]: relative error 5e-9 before rounding.
        Vector512<float> result = Vector512.Create(0.000154531634f);
        result = Vector512.FusedMultiplyAdd(result, rest, Vector512.Create(0.00133908633f));
        result = Vector512.FusedMultiplyAdd(result, rest, Vector512.Create(0.00961808302f));
        result = Vector512.FusedMultiplyAdd(result, rest, Vector512.Create(0.0555035695f));
        result = Vector512.FusedMultiplyAdd(result, rest, Vector512.Create(0.240226507f));
        result = Vector512.FusedMultiplyAdd(result, rest, Vector512.Create(0.693147182f));
        result = Vector512.FusedMultiplyAdd(result, rest, Vector512<float>.One);
        result = (result.AsInt32() + (shifted.AsInt32() << 23)).AsSingle();
        return Vector512.ConditionalSelect(Vector512.LessThan(nats, Vector512.Create(Floor * PowerToNats)), Vector512<float>.Zero, result);
    }
}
