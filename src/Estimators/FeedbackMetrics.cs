namespace MiniMind.MLNet.Dpo;

/// <summary>How well scored answers agree with their verdicts. What needs good or bad answers is not a number where there are none.</summary>
public sealed class FeedbackMetrics
{
    internal FeedbackMetrics()
    {
    }

    /// <summary>Answers that were scored.</summary>
    public long Count { get; internal init; }

    /// <summary>Answers without a score, because they had no counted token.</summary>
    public long UnscoredCount { get; internal init; }

    /// <summary>How many of the scored answers are good ones.</summary>
    public long GoodCount { get; internal init; }

    /// <summary>How many are bad ones.</summary>
    public long BadCount { get; internal init; }

    /// <summary>Share of answers whose reward has the sign of their verdict; a reward of exactly 0 counts half, as by chance.</summary>
    /// <remarks>A model that became likelier to say anything at all, or less likely, tells by the sign little: see <see cref="AreaUnderRocCurve"/>.</remarks>
    public double Accuracy { get; internal init; }

    /// <summary>Lower end of the accuracy's 95% Wilson score interval (Wilson 1927).</summary>
    public double AccuracyLower { get; internal init; }

    /// <summary>Upper end of the accuracy's 95% Wilson score interval.</summary>
    public double AccuracyUpper { get; internal init; }

    /// <summary>The probability that a good answer has a higher reward than a bad one, a tie counted half; 0.5 by chance.</summary>
    public double AreaUnderRocCurve { get; internal init; }

    /// <summary>Mean reward of the good answers.</summary>
    public double MeanGoodReward { get; internal init; }

    /// <summary>Mean reward of the bad answers.</summary>
    public double MeanBadReward { get; internal init; }

    /// <summary>Mean log-probability of the good answers under the policy, nats.</summary>
    public double MeanGoodLogProb { get; internal init; }

    /// <summary>Mean log-probability of the bad answers under the policy, nats.</summary>
    public double MeanBadLogProb { get; internal init; }

    /// <summary>
    /// Mean loss, by the formula that the scorer was trained with; not a number where the scores do not say, as in data that was stored as text.
    /// </summary>
    public double Loss { get; internal init; }

    /// <summary>The baseline z in that loss, nats: as training measured it last, unless another one was given.</summary>
    public double Baseline { get; internal init; }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"accuracy {Accuracy:P1} [{AccuracyLower:P1}, {AccuracyUpper:P1}] of {GoodCount} good and {BadCount} bad answers, AUC {AreaUnderRocCurve:F3}, ") +
        FormattableString.Invariant($"mean reward {MeanGoodReward:F4} and {MeanBadReward:F4}, ") +
        (double.IsNaN(Loss) ? "loss not known, which the scores do not say" : FormattableString.Invariant($"loss {Loss:F4}"));
}
