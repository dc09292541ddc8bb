using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// -log sigmoid(beta a) - 1/2 log sigmoid(-beta a) - 1/2 log sigmoid(-beta b): noise-contrastive alignment of pairs, Chen et al. 2024 (arXiv 2402.05369),
/// which holds up what the chosen side has.
/// </summary>
internal sealed record NcaLoss : RatioLoss
{
    /// <inheritdoc />
    internal override double? DefaultBeta => 0.01;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.001, 0.1, LogProbReduction.Sum);

    /// <inheritdoc />
    private protected override string FormulaOfRatios => "-log sigmoid(beta * a) - log sigmoid(-beta * a) / 2 - log sigmoid(-beta * b) / 2";

    /// <inheritdoc />
    private protected override string Source => "NCA, Chen et al. 2024 (arXiv 2402.05369)";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(2 * Math.Log(2), "2 ln 2");

    /// <inheritdoc />
    private protected override Tensor Of(Tensor chosen, Tensor rejected, double beta)
    {
        Tensor a = chosen.Mul(beta), b = rejected.Mul(beta); // (B)
        Tensor noise = nn.functional.logsigmoid(a.neg()).Add(nn.functional.logsigmoid(b.neg())); // (B)
        return noise.Mul(-0.5) - nn.functional.logsigmoid(a); // (B)
    }
}
