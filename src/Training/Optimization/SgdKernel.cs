using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>Stochastic gradient descent in one pass over memory.</summary>
internal static class SgdKernel
{
    /// <summary>Updates values; both spans have the same length.</summary>
    public static void Apply(Span<Vector512<float>> values, ReadOnlySpan<Vector512<float>> gradients, float learningRate, float gradientScale,
        float weightDecay)
    {
        Vector512<float> scale = Vector512.Create(gradientScale), decay = Vector512.Create(weightDecay), step = Vector512.Create(-learningRate);
        for (int i = 0; i < values.Length; i++)
        {
            Vector512<float> gradient = Vector512.FusedMultiplyAdd(decay, values[i], gradients[i] * scale);
            values[i] = Vector512.FusedMultiplyAdd(step, gradient, values[i]);
        }
    }

    /// <summary>Updates values and the momentum; all spans have the same length.</summary>
    public static void ApplyWithMomentum(
        Span<Vector512<float>> values, ReadOnlySpan<Vector512<float>> gradients, Span<Vector512<float>> momenta,
        float learningRate, float gradientScale, float weightDecay, float momentum)
    {
        Vector512<float> scale = Vector512.Create(gradientScale), decay = Vector512.Create(weightDecay), step = Vector512.Create(-learningRate);
        Vector512<float> kept = Vector512.Create(momentum);
        for (int i = 0; i < values.Length; i++)
        {
            Vector512<float> gradient = Vector512.FusedMultiplyAdd(decay, values[i], gradients[i] * scale);
            Vector512<float> direction = kept * momenta[i] + gradient;
            momenta[i] = direction;
            values[i] = Vector512.FusedMultiplyAdd(step, direction, values[i]);
        }
    }
}
