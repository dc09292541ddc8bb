using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo;

/// <summary>A number that evaluations measure, which knows in which direction it gets better.</summary>
public sealed class ValidationMetric
{
    private ValidationMetric(string name, bool higherIsBetter) => (Name, HigherIsBetter) = (name, higherIsBetter);

    /// <summary>The mean loss: per pair, or per token in supervised runs. Lower is better.</summary>
    public static ValidationMetric Loss { get; } = new(MetricNames.Loss, higherIsBetter: false);

    /// <summary>The share of pairs whose chosen side has the higher reward; a tie counts half. Higher is better.</summary>
    public static ValidationMetric Accuracy { get; } = new(MetricNames.Accuracy, higherIsBetter: true);

    /// <summary>The mean reward margin. Higher is better.</summary>
    public static ValidationMetric Margin { get; } = new(MetricNames.Margin, higherIsBetter: true);

    /// <summary>The mean reward of the chosen sides. Higher is better.</summary>
    public static ValidationMetric ChosenReward { get; } = new(MetricNames.ChosenReward, higherIsBetter: true);

    /// <summary>The mean reward of the rejected sides. Lower is better.</summary>
    public static ValidationMetric RejectedReward { get; } = new(MetricNames.RejectedReward, higherIsBetter: false);

    /// <summary>The mean log-probability of the chosen sides. Higher is better.</summary>
    public static ValidationMetric ChosenLogProb { get; } = new(MetricNames.ChosenLogProb, higherIsBetter: true);

    /// <summary>The mean log-probability of the rejected sides. Lower is better.</summary>
    public static ValidationMetric RejectedLogProb { get; } = new(MetricNames.RejectedLogProb, higherIsBetter: false);

    /// <summary>
    /// The probability that a good answer has a higher reward than a bad one (the area under the ROC curve), in runs on feedback. Higher is better.
    /// </summary>
    public static ValidationMetric RocArea { get; } = new(MetricNames.RocArea, higherIsBetter: true);

    /// <summary>The estimated KL divergence of the policy from the reference. Lower is better.</summary>
    public static ValidationMetric KlDivergence { get; } = new(MetricNames.KlDivergence, higherIsBetter: false);

    /// <summary>The exponential of the loss per token, in supervised runs. Lower is better.</summary>
    public static ValidationMetric Perplexity { get; } = new(MetricNames.Perplexity, higherIsBetter: false);

    /// <summary>The name under which evaluations list it: one of <see cref="MetricNames"/>.</summary>
    public string Name { get; }

    /// <summary>Whether larger values are better.</summary>
    public bool HigherIsBetter { get; }

    /// <summary>Whether a value is better than another one by more than a difference. What is not a number is worse than any number.</summary>
    /// <param name="value">The value.</param>
    /// <param name="other">What it is compared with.</param>
    /// <param name="by">The difference that must be exceeded.</param>
    public bool IsBetter(double value, double other, double by = 0)
    {
        if (double.IsNaN(value))
            return false;
        return double.IsNaN(other) || (HigherIsBetter ? value - other : other - value) > by;
    }

    /// <inheritdoc />
    public override string ToString() => Name;
}
