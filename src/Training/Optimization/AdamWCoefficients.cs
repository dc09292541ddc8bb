namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>The numbers of one AdamW step, computed in double and rounded once.</summary>
/// <remarks>
/// With c1 = 1 - beta1^t and c2 = 1 - beta2^t, the update lr / c1 * m / (sqrt(v) / sqrt(c2) + eps) equals
/// (lr * sqrt(c2) / c1) * m / (sqrt(v) + eps * sqrt(c2)): the corrections move out of the loop (Kingma and Ba, arXiv 1412.6980, end of section 2).
/// </remarks>
/// <param name="Beta1">How much of the mean is kept.</param>
/// <param name="GradientShare">What the scaled gradient adds to the mean.</param>
/// <param name="Beta2">How much of the mean square is kept.</param>
/// <param name="SquareShare">What the scaled gradient's square adds to the mean square.</param>
/// <param name="StepSize">lr * sqrt(c2) / c1.</param>
/// <param name="Epsilon">eps * sqrt(c2).</param>
/// <param name="Keep">What decoupled decay leaves of a weight: 1 - lr * decay.</param>
internal readonly record struct AdamWCoefficients(
    float Beta1, float GradientShare, float Beta2, float SquareShare, float StepSize, float Epsilon, float Keep)
{
    /// <summary>The numbers of step <paramref name="step"/>, counted from 1.</summary>
    public static AdamWCoefficients At(long step, double learningRate, AdamWOptions options)
    {
        double correction1 = 1 - Math.Pow(options.Beta1, step);
        double correction2 = Math.Sqrt(1 - Math.Pow(options.Beta2, step));
        return new AdamWCoefficients(
            (float)options.Beta1, (float)(1 - options.Beta1), (float)options.Beta2, (float)(1 - options.Beta2),
            (float)(learningRate * correction2 / correction1), (float)(options.Epsilon * correction2), (float)(1 - learningRate * options.WeightDecay));
    }
}
