using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>AdamW (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2) in one pass over memory, in torch's order of operations.</summary>
internal static class AdamWKernel
{
    /// <summary>Updates values and both moments; all spans have the same length.</summary>
    public static void Apply(
        Span<Vector512<float>> values, ReadOnlySpan<Vector512<float>> gradients, Span<Vector512<float>> means, Span<Vector512<float>> meanSquares,
        AdamWCoefficients coefficients, float gradientScale, bool decays)
    {
        Vector512<float> scale = Vector512.Create(gradientScale);
        Vector512<float> beta1 = Vector512.Create(coefficients.Beta1), gradientShare = Vector512.Create(coefficients.GradientShare);
        Vector512<float> beta2 = Vector512.Create(coefficients.Beta2), squareShare = Vector512.Create(coefficients.SquareShare);
        Vector512<float> step = Vector512.Create(-coefficients.StepSize), epsilon = Vector512.Create(coefficients.Epsilon);
        Vector512<float> keep = Vector512.Create(decays ? coefficients.Keep : 1f);

        for (int i = 0; i < values.Length; i++)
        {
            Vector512<float> gradient = gradients[i] * scale;
            Vector512<float> mean = Vector512.FusedMultiplyAdd(gradientShare, gradient, beta1 * means[i]);
            Vector512<float> meanSquare = Vector512.FusedMultiplyAdd(squareShare * gradient, gradient, beta2 * meanSquares[i]);
            means[i] = mean;
            meanSquares[i] = meanSquare;
            values[i] = values[i] * keep + step * mean / (Vector512.Sqrt(meanSquare) + epsilon);
        }
    }
}
