namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>How far held-out pairs moved between two measurements of the same pairs, so that what differs from pair to pair cancels.</summary>
/// <param name="Margin">The mean growth of the reward margin.</param>
/// <param name="MarginError">The standard error of that mean.</param>
/// <param name="Chosen">The growth of the chosen side's log-probability, nats per token.</param>
internal sealed record PairMovement(double Margin, double MarginError, double Chosen)
{
    /// <summary>Compares.</summary>
    /// <param name="before">The pairs at the start.</param>
    /// <param name="after">The same in the same order.</param>
    /// <param name="reduction">What log-probabilities are reduced to: of sums, long answers count by their tokens.</param>
    public static PairMovement Of(IReadOnlyList<PairSides> before, IReadOnlyList<PairSides> after, LogProbReduction reduction)
    {
        double[] margins = [.. after.Select((pair, i) => pair.Margin - before[i].Margin)];
        double mean = margins.Average();
        double variance = margins.Length < 2 ? double.PositiveInfinity : margins.Sum(margin => (margin - mean) * (margin - mean)) / (margins.Length - 1);
        double chosen = after.Select((pair, i) => pair.Chosen - before[i].Chosen).Sum();
        double divisor = reduction == LogProbReduction.Sum ? before.Sum(pair => pair.Tokens) : before.Count;
        return new PairMovement(mean, Math.Sqrt(variance / margins.Length), chosen / divisor);
    }
}
