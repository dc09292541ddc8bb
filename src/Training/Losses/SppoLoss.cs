using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// (a - 1 / (2 beta))^2 + (b + 1 / (2 beta))^2: self-play preference optimization with labels for probabilities, Wu et al. 2024 (arXiv 2405.00675).
/// </summary>
internal sealed record SppoLoss : RatioLoss
{
    /// <inheritdoc />
    internal override double? DefaultBeta => 0.001;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.0001, 0.1, LogProbReduction.Sum);

    /// <inheritdoc />
    internal override string Unit => "nats^2";

    /// <inheritdoc />
    internal override string FarMargin => "far above the 1 that the loss aims at";

    /// <inheritdoc />
    private protected override string FormulaOfRatios => "(a - 1 / (2 * beta))^2 + (b + 1 / (2 * beta))^2";

    /// <inheritdoc />
    private protected override string Source => "SPPO with hard labels, Wu et al. 2024 (arXiv 2405.00675)";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(2 * Target(terms.Beta) * Target(terms.Beta), "1 / (2 beta^2)");

    /// <inheritdoc />
    private protected override Tensor Of(Tensor chosen, Tensor rejected, double beta)
    {
        Tensor above = chosen.Sub(Target(beta)), below = rejected.Add(Target(beta)); // (B)
        return (above * above).Add(below * below); // (B)
    }

    private static double Target(double beta) => 1 / (2 * beta);
}
