namespace MiniMind.MLNet.Dpo;

/// <summary>How well scored pairs agree with their labels.</summary>
public sealed class PreferenceMetrics
{
    internal PreferenceMetrics()
    {
    }

    /// <summary>Pairs that were scored.</summary>
    public long Count { get; internal init; }

    /// <summary>Pairs without a score, because a side had no counted token.</summary>
    public long UnscoredCount { get; internal init; }

    /// <summary>Share of pairs with a margin above 0; a margin of exactly 0 counts half, as by chance.</summary>
    public double Accuracy { get; internal init; }

    /// <summary>Lower end of the accuracy's 95% Wilson score interval (Wilson 1927).</summary>
    public double AccuracyLower { get; internal init; }

    /// <summary>Upper end of the accuracy's 95% Wilson score interval.</summary>
    public double AccuracyUpper { get; internal init; }

    /// <summary>Mean reward margin.</summary>
    public double MeanMargin { get; internal init; }

    /// <summary>Mean implicit reward of the chosen responses.</summary>
    public double MeanChosenReward { get; internal init; }

    /// <summary>Mean implicit reward of the rejected responses.</summary>
    public double MeanRejectedReward { get; internal init; }

    /// <summary>Mean log-probability of the chosen responses under the policy, nats.</summary>
    public double MeanChosenLogProb { get; internal init; }

    /// <summary>Mean log-probability of the rejected responses under the policy, nats.</summary>
    public double MeanRejectedLogProb { get; internal init; }

    /// <summary>
    /// Mean loss, by the formula that the scorer was trained with; the sigmoid loss where the scores do not say, as in data that was stored as text.
    /// </summary>
    /// <remarks>
    /// The sigmoid loss is -log sigmoid of the margin: ln 2 = 0.6931 where policy and reference are the same. A loss that couples the pairs of a step is that
    /// of all pairs together. Not a number where the column <see cref="ScoreColumns.LossTerms"/> was left out and the other scores do not determine the loss.
    /// </remarks>
    public double Loss { get; internal init; }

    /// <inheritdoc />
    public override string ToString() =>
        FormattableString.Invariant($"accuracy {Accuracy:P1} [{AccuracyLower:P1}, {AccuracyUpper:P1}] of {Count} pairs, mean margin {MeanMargin:F4}, ") +
        (double.IsNaN(Loss) ? $"loss not known, which takes the column {nameof(ScoreColumns.LossTerms)} of the scores"
            : FormattableString.Invariant($"loss {Loss:F4}"));
}
