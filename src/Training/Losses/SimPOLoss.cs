using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>-log sigmoid(beta (m(chosen) - m(rejected)) - gamma): simple preference optimization, Meng et al. 2024 (arXiv 2405.14734), eq. 6.</summary>
internal sealed record SimPOLoss : PolicyMeansLoss
{
    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not at least 0 and finite.</exception>
    public SimPOLoss(double gammaOverBeta) => GammaOverBeta = TargetMargin.Checked(gammaOverBeta, nameof(gammaOverBeta));

    /// <summary>By how many nats per token the chosen side is to be ahead.</summary>
    public double GammaOverBeta { get; }

    /// <inheritdoc />
    internal override double? DefaultBeta => 2;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(1, 10, LogProbReduction.Mean);

    /// <inheritdoc />
    internal override GradientDirection Direction => GradientDirection.Fixed;

    /// <inheritdoc />
    private protected override string FormulaOfMeans =>
        string.Create(CultureInfo.InvariantCulture, $"-log sigmoid(beta * (m(chosen) - m(rejected) - {GammaOverBeta}))");

    /// <inheritdoc />
    private protected override string Source => "SimPO, Meng et al. 2024 (arXiv 2405.14734) eq. 6";

    /// <inheritdoc />
    private protected override Tensor Of(Tensor chosen, Tensor rejected, double beta) =>
        LogSigmoid.CrossEntropy((chosen - rejected).Sub(GammaOverBeta).Mul(beta), 0); // (B)
}
