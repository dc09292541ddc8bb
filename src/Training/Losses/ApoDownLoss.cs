using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// sigmoid(beta a) + 1 - sigmoid(beta (a - b)): anchored preference optimization where even the chosen responses are worse than the model's own,
/// D'Oosterlinck et al. 2024 (arXiv 2408.06266), eq. 8. It lowers the chosen side, and the rejected one more.
/// </summary>
internal sealed record ApoDownLoss : RatioLoss
{
    /// <inheritdoc />
    internal override double? DefaultBeta => 0.1;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.01, 1, LogProbReduction.Sum);

    /// <inheritdoc />
    internal override string Unit => "probabilities";

    /// <inheritdoc />
    internal override string ChosenRemedy =>
        "ApoDown lowers them on purpose, for pairs whose chosen side is worse than what the model writes by itself; " +
        "where it is better, use PreferenceLoss.ApoZero()";

    /// <inheritdoc />
    private protected override string FormulaOfRatios => "sigmoid(beta * a) + 1 - sigmoid(beta * (a - b))";

    /// <inheritdoc />
    private protected override string Source => "APO-down, D'Oosterlinck et al. 2024 (arXiv 2408.06266) eq. 8";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(1, "1");

    /// <inheritdoc />
    private protected override Tensor Of(Tensor chosen, Tensor rejected, double beta) =>
        chosen.Mul(beta).sigmoid().Add((chosen - rejected).Mul(-beta).sigmoid()); // (B)
}
