using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// SimPO's loss with the reward r = (1 - exp(-alpha m)) / alpha in place of m: AlphaPO, Gupta et al. 2025 (arXiv 2501.03884), which for alpha above 0 counts
/// what is unlikely more.
/// </summary>
internal sealed record AlphaPOLoss : PolicyMeansLoss
{
    private const double MostExponent = 80; // in fp32 its exponential is finite

    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Alpha is 0 or not finite, or the ratio not at least 0 and finite.</exception>
    public AlphaPOLoss(double alpha, double gammaOverBeta)
    {
        if (alpha == 0 || !double.IsFinite(alpha))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "Alpha must be finite and not 0, at which the loss is SimPO's: use that.");
        (Alpha, GammaOverBeta) = (alpha, TargetMargin.Checked(gammaOverBeta, nameof(gammaOverBeta)));
    }

    /// <summary>The reward's shape.</summary>
    public double Alpha { get; }

    /// <summary>By how much the chosen side's reward is to be ahead.</summary>
    public double GammaOverBeta { get; }

    /// <inheritdoc />
    internal override double? DefaultBeta => 2.5;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(1, 25, LogProbReduction.Mean);

    /// <inheritdoc />
    private protected override string FormulaOfMeans => string.Create(CultureInfo.InvariantCulture,
        $"-log sigmoid(beta * (r(chosen) - r(rejected) - {GammaOverBeta})), r = (1 - exp(-{Alpha} * m)) / {Alpha},");

    /// <inheritdoc />
    private protected override string Source => "AlphaPO, Gupta et al. 2025 (arXiv 2501.03884)";

    /// <inheritdoc />
    private protected override Tensor Of(Tensor chosen, Tensor rejected, double beta) =>
        LogSigmoid.CrossEntropy((Shaped(chosen) - Shaped(rejected)).Sub(GammaOverBeta).Mul(beta), 0); // (B)

    private Tensor Shaped(Tensor means) => means.Mul(-Alpha).ClampMax(MostExponent).expm1().Mul(-1 / Alpha); // (B)
}
