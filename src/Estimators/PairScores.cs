using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>What scoring gives for one pair; not a number where it was not asked for, or a side has no counted token.</summary>
/// <param name="Chosen">The chosen side's.</param>
/// <param name="Rejected">The rejected side's.</param>
/// <param name="Terms">What the loss takes, a row of <see cref="PairTerms"/>; <see langword="null"/> where it is not known.</param>
internal readonly record struct PairScores(SideScores Chosen, SideScores Rejected, double[]? Terms = null)
{
    /// <summary>Nothing is a number.</summary>
    public static PairScores None { get; } = new(new(double.NaN, double.NaN), new(double.NaN, double.NaN));

    public double Margin => Chosen.Reward - Rejected.Reward;

    public bool PredictedLabel => Margin > 0;
}
