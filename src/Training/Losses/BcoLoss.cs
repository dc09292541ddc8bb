using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// -log sigmoid(beta a - d) - log sigmoid(-(beta b - d)): a binary classifier of the two sides, Jung et al. 2024 (arXiv 2404.04656). The shift d is 0, or the
/// mean reward of all responses of the optimizer step, without gradient: nothing of it lives on to the next step.
/// </summary>
/// <param name="Centered">Whether the shift is the step's mean reward.</param>
internal sealed record BcoLoss(bool Centered) : RatioLoss
{
    /// <inheritdoc />
    internal override double? DefaultBeta => 0.01;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.001, 0.1, LogProbReduction.Sum);

    /// <inheritdoc />
    internal override GradientDirection Direction => Centered ? GradientDirection.Coupled : GradientDirection.Free;

    /// <inheritdoc />
    private protected override string FormulaOfRatios => Centered
        ? "-log sigmoid(beta * a - d) - log sigmoid(d - beta * b), d being the mean of beta * a and beta * b over the step,"
        : "-log sigmoid(beta * a) - log sigmoid(-beta * b)";

    /// <inheritdoc />
    private protected override string Source => $"BCO, Jung et al. 2024 (arXiv 2404.04656){(Centered ? "" : " without reward shift")}";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(2 * Math.Log(2), "2 ln 2");

    /// <inheritdoc />
    private protected override Tensor Of(Tensor chosen, Tensor rejected, double beta)
    {
        Tensor a = chosen.Mul(beta), b = rejected.Mul(beta); // (B)
        if (Centered)
        {
            Tensor shift = a.mean().Add(b.mean()).Mul(0.5).detach();
            (a, b) = (a - shift, b - shift); // (B)
        }
        return nn.functional.logsigmoid(a).Add(nn.functional.logsigmoid(b.neg())).neg(); // (B)
    }
}
