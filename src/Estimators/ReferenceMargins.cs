using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo;

/// <summary>By how much a model prefers the chosen answers before training: log-probability of the chosen less that of the rejected, nats.</summary>
/// <param name="Pairs">Pairs that were scored.</param>
/// <param name="Reduction">Whether per token, or of whole answers.</param>
/// <param name="Mean">The mean margin.</param>
/// <param name="StandardDeviation">Its spread.</param>
/// <param name="Quartiles">The margins that a quarter, a half and three quarters of the pairs lie below.</param>
/// <param name="Right">Pairs whose chosen answer the model prefers already, a tie counted half.</param>
/// <param name="Lowest">Lines and margins of the pairs that it is most against, from the lowest.</param>
/// <param name="Highest">Those that it is most for, from the highest.</param>
public sealed record ReferenceMargins(
    int Pairs, LogProbReduction Reduction, double Mean, double StandardDeviation, IReadOnlyList<double> Quartiles, double Right,
    IReadOnlyList<(long Line, double Margin)> Lowest, IReadOnlyList<(long Line, double Margin)> Highest)
{
    /// <summary>The share of pairs whose chosen answer the model prefers already.</summary>
    public double Share => Right / Pairs;

    /// <summary>The share's 95 % Wilson interval.</summary>
    public (double Lower, double Upper) Interval => WilsonInterval.OfShare(Share, Pairs);
}
