using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// -m(chosen) - beta log sigmoid(log odds(chosen) - log odds(rejected)) with odds = exp(m) / (1 - exp(m)): odds ratio preference optimization, Hong et al. 2024
/// (arXiv 2403.07691), eq. 6, whose lambda is beta.
/// </summary>
internal sealed record OrpoLoss : PolicyMeansLoss
{
    private const double LeastDoubt = 1e-7; // nats per token: the odds of certainty are infinite

    /// <inheritdoc />
    internal override double? DefaultBeta => 0.1;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.01, 1, LogProbReduction.Mean);

    /// <inheritdoc />
    internal override string ChosenRemedy => "its supervised term holds them up as far as Beta, the weight of the odds, lets it: lower Beta";

    /// <inheritdoc />
    private protected override string FormulaOfMeans => "-m(chosen) - beta * log sigmoid(log odds(chosen) - log odds(rejected)), odds = exp(m) / (1 - exp(m)),";

    /// <inheritdoc />
    private protected override string Source => "ORPO, Hong et al. 2024 (arXiv 2403.07691) eq. 6";

    /// <inheritdoc />
    private protected override Tensor Of(Tensor chosen, Tensor rejected, double beta) =>
        LogSigmoid.CrossEntropy(LogOdds(chosen) - LogOdds(rejected), 0).Mul(beta) - chosen; // (B)

    private static Tensor LogOdds(Tensor means)
    {
        Tensor m = means.ClampMax(-LeastDoubt); // (B)
        // log(1 - exp(m)) loses its digits near 0 in one form and far below 0 in the other (Maechler 2012)
        return m - where(m.GreaterThan(-Math.Log(2)), m.expm1().neg().log(), m.exp().neg().log1p()); // (B)
    }
}
