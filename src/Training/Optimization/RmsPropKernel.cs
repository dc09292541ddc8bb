using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>RMSprop (Tieleman and Hinton, 2012) in one pass over memory, with torch's placing of epsilon: outside the root.</summary>
internal static class RmsPropKernel
{
    /// <summary>Updates values and mean squares, and the momenta unless they are empty; all other spans have the same length.</summary>
    public static void Apply(
        Span<Vector512<float>> values, ReadOnlySpan<Vector512<float>> gradients, Span<Vector512<float>> meanSquares, Span<Vector512<float>> momenta,
        RmsPropCoefficients coefficients)
    {
        Vector512<float> scale = Vector512.Create(coefficients.GradientScale), decay = Vector512.Create(coefficients.WeightDecay);
        Vector512<float> alpha = Vector512.Create(coefficients.Alpha), squareShare = Vector512.Create(coefficients.SquareShare);
        Vector512<float> epsilon = Vector512.Create(coefficients.Epsilon), step = Vector512.Create(-coefficients.LearningRate);
        Vector512<float> kept = Vector512.Create(coefficients.Momentum);

        for (int i = 0; i < values.Length; i++)
        {
            Vector512<float> gradient = Vector512.FusedMultiplyAdd(decay, values[i], gradients[i] * scale);
            Vector512<float> meanSquare = Vector512.FusedMultiplyAdd(squareShare * gradient, gradient, alpha * meanSquares[i]);
            meanSquares[i] = meanSquare;
            Vector512<float> direction = gradient / (Vector512.Sqrt(meanSquare) + epsilon);
            if (!momenta.IsEmpty)
                momenta[i] = direction = kept * momenta[i] + direction;
            values[i] = Vector512.FusedMultiplyAdd(step, direction, values[i]);
        }
    }
}
