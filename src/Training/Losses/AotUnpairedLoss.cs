using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// DPO's loss of the step's sorted log-ratios a of chosen sides, each against the log-ratio b of a rejected side of the same rank: alignment by optimal
/// transport, Melnyk et al. 2024 (arXiv 2406.05882), which does not need the sides to belong together.
/// </summary>
internal sealed record AotUnpairedLoss : RatioLoss
{
    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not at least 0 and below one half.</exception>
    public AotUnpairedLoss(double labelSmoothing) => LabelSmoothing = SmoothedLabels.Checked(labelSmoothing, nameof(labelSmoothing));

    /// <summary>How often labels are taken to be the wrong way round.</summary>
    public double LabelSmoothing { get; }

    /// <inheritdoc />
    internal override double? DefaultBeta => 0.01;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.001, 0.1, LogProbReduction.Sum);

    /// <inheritdoc />
    internal override GradientDirection Direction => GradientDirection.Coupled;

    /// <inheritdoc />
    private protected override string FormulaOfRatios => $"{SmoothedText(LabelSmoothing)} with h = beta * (a - b), both sorted over the step,";

    /// <inheritdoc />
    private protected override string Source => "AOT, unpaired, Melnyk et al. 2024 (arXiv 2406.05882)";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(Math.Log(2), "ln 2");

    /// <inheritdoc />
    private protected override Tensor Of(Tensor chosen, Tensor rejected, double beta) =>
        LogSigmoid.CrossEntropy((chosen.sort(0).Values - rejected.sort(0).Values).Mul(beta), LabelSmoothing); // (B)
}
