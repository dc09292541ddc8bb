namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>How many pairs without weights tell as much as some with weights: (sum of weights)^2 / sum of squared weights (Kish 1965).</summary>
/// <remarks>A pair of weight 2 is no second observation: it moves averages as two would, but tells them no more exactly.</remarks>
internal static class EffectiveCount
{
    /// <summary>The number; without weights it is that of the pairs, exactly.</summary>
    /// <param name="weight">The weights' sum, above 0.</param>
    /// <param name="squares">The sum of their squares.</param>
    public static double Of(double weight, double squares) => weight * (weight / squares);
}
