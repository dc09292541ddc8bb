using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>max(0, 1 - h): the loss of SLiC (Zhao et al. 2023, arXiv 2305.10425) on log-ratios, as in RSO (Liu et al. 2023, arXiv 2309.06657).</summary>
internal sealed record HingeLoss : MarginLoss
{
    /// <inheritdoc />
    internal override double? DefaultBeta => 0.1;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.01, 1, LogProbReduction.Sum);

    /// <inheritdoc />
    internal override string Unit => "margins";

    /// <inheritdoc />
    internal override string FarMargin => "far above the 1 from which on the loss is 0";

    /// <inheritdoc />
    private protected override string FormulaOfH => "max(0, 1 - h)";

    /// <inheritdoc />
    private protected override string Source => "SLiC, Zhao et al. 2023 (arXiv 2305.10425), on log-ratios as in RSO, Liu et al. 2023 (arXiv 2309.06657)";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(1, "1");

    /// <inheritdoc />
    private protected override Tensor Of(Tensor logits) => nn.functional.relu(logits.neg().Add(1)); // (B)
}
