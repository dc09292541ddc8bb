namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>What scoring gives for one pair; not a number where it was not asked for, or a side has no counted token.</summary>
internal readonly record struct PairScores(SideScores Chosen, SideScores Rejected)
{
    /// <summary>Nothing is a number.</summary>
    public static PairScores None { get; } = new(new(double.NaN, double.NaN), new(double.NaN, double.NaN));

    public double Margin => Chosen.Reward - Rejected.Reward;

    public bool PredictedLabel => Margin > 0;
}
