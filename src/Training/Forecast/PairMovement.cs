namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>
/// How far held-out pairs moved between two measurements of the same pairs, so that what differs from pair to pair cancels; each counts by its weight.
/// </summary>
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
        double weights = before.Sum(pair => pair.Weight);
        double[] shares = [.. before.Select(pair => pair.Weight / weights)];
        double mean = margins.Select((margin, i) => shares[i] * margin).Sum(), concentration = shares.Sum(share => share * share); // 1 / n of equal weights
        double spread = margins.Select((margin, i) => shares[i] * (margin - mean) * (margin - mean)).Sum();
        double error = concentration < 1 ? Math.Sqrt(spread * concentration / (1 - concentration)) : double.PositiveInfinity;
        double chosen = after.Select((pair, i) => shares[i] * (pair.Chosen - before[i].Chosen)).Sum();
        double divisor = reduction == LogProbReduction.Sum ? before.Select((pair, i) => shares[i] * pair.Tokens).Sum() : 1;
        return new PairMovement(mean, error, chosen / divisor);
    }
}
