namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>A loss that changes what another one sees, or what it gives.</summary>
/// <param name="Loss">The other one.</param>
internal abstract record WrappedLoss(PreferenceLoss Loss) : PreferenceLoss
{
    /// <inheritdoc />
    internal override double? DefaultBeta => Loss.DefaultBeta;

    /// <inheritdoc />
    internal override LogProbReduction DefaultReduction => Loss.DefaultReduction;

    /// <inheritdoc />
    internal override GradientDirection Direction => Loss.Direction;

    /// <inheritdoc />
    internal override bool UsesReference => Loss.UsesReference;

    /// <inheritdoc />
    internal override bool NeedsReference => Loss.NeedsReference;

    /// <inheritdoc />
    internal override TokenStatistics Statistics => Loss.Statistics;

    /// <inheritdoc />
    internal override string Unit => Loss.Unit;

    /// <inheritdoc />
    internal override string FarMargin => Loss.FarMargin;

    /// <inheritdoc />
    internal override string ChosenRemedy => Loss.ChosenRemedy;

    /// <inheritdoc />
    internal override bool Takes(LogProbReduction reduction) => Loss.Takes(reduction);

    /// <inheritdoc />
    internal override IEnumerable<string> Warnings(LossTerms terms) => Published is null ? Loss.Warnings(terms) : base.Warnings(terms);

    /// <inheritdoc />
    internal override double Probability(double margin) => Loss.Probability(margin);

    /// <inheritdoc />
    internal override double Probability(double chosenReward, double rejectedReward, LossTerms terms) => Loss.Probability(chosenReward, rejectedReward, terms);

    /// <summary>Not a number: what it takes of the tokens is not in the scores.</summary>
    internal sealed override double OfScores(ScoredPair scores, LossTerms terms) => double.NaN;
}
