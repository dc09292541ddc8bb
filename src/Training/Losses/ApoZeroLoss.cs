using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// 1 - sigmoid(beta a) + sigmoid(beta b): anchored preference optimization where chosen responses are better than the model's own, D'Oosterlinck et al. 2024
/// (arXiv 2408.06266), eq. 7.
/// </summary>
internal sealed record ApoZeroLoss : RatioLoss
{
    /// <inheritdoc />
    internal override double? DefaultBeta => 0.1;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.01, 1, LogProbReduction.Sum);

    /// <inheritdoc />
    internal override string Unit => "probabilities";

    /// <inheritdoc />
    private protected override string FormulaOfRatios => "1 - sigmoid(beta * a) + sigmoid(beta * b)";

    /// <inheritdoc />
    private protected override string Source => "APO-zero, D'Oosterlinck et al. 2024 (arXiv 2408.06266) eq. 7";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(1, "1");

    /// <inheritdoc />
    private protected override Tensor Of(Tensor chosen, Tensor rejected, double beta) => chosen.Mul(-beta).sigmoid().Add(rejected.Mul(beta).sigmoid()); // (B)
}
