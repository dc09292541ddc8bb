using MiniMind.MLNet.Dpo;

namespace QuickStart;

/// <summary>How a model ranks the held-out pairs by its own log-probabilities.</summary>
/// <param name="Accuracy">Share of pairs whose chosen answer is the likelier one.</param>
/// <param name="Margin">Mean of log-prob of chosen minus log-prob of rejected, in nats.</param>
internal sealed record HeldOutComparison(double Accuracy, double Margin)
{
    /// <summary>
    /// The model before training: its log-probs are the policy's less reward / beta (Rafailov et al. 2023, the implicit reward solved for the reference).
    /// </summary>
    public static HeldOutComparison Before(IReadOnlyCollection<PreferenceScore> rows, double beta) =>
        Of(rows, row => row.ChosenLogProb - row.RejectedLogProb - (row.ChosenReward - row.RejectedReward) / beta);

    /// <summary>The model after training.</summary>
    public static HeldOutComparison After(IReadOnlyCollection<PreferenceScore> rows) => Of(rows, row => row.ChosenLogProb - row.RejectedLogProb);

    private static HeldOutComparison Of(IReadOnlyCollection<PreferenceScore> rows, Func<PreferenceScore, double> margin) =>
        new(rows.Average(row => margin(row) switch { > 0 => 1.0, 0 => 0.5, _ => 0.0 }), rows.Average(margin));
}
