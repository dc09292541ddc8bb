using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// (-(1 - e) log sigmoid(h) + e log sigmoid(-h)) / (1 - 2 e): of labels that are wrong in a share e of the cases it is on average the loss of the right ones,
/// Chowdhury et al. 2024 (arXiv 2403.00409). It may be negative.
/// </summary>
internal sealed record RobustLoss : MarginLoss
{
    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not at least 0 and below one half.</exception>
    public RobustLoss(double labelSmoothing) => LabelSmoothing = SmoothedLabels.Checked(labelSmoothing, nameof(labelSmoothing));

    /// <summary>The share of wrong labels.</summary>
    public double LabelSmoothing { get; }

    /// <inheritdoc />
    internal override double? DefaultBeta => 0.1;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.01, 0.5, LogProbReduction.Sum);

    /// <inheritdoc />
    private protected override string FormulaOfH =>
        string.Create(CultureInfo.InvariantCulture, $"(-(1 - e) log sigmoid(h) + e log sigmoid(-h)) / (1 - 2 e) with e = {LabelSmoothing}");

    /// <inheritdoc />
    private protected override string Source => "robust DPO, Chowdhury et al. 2024 (arXiv 2403.00409)";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(Math.Log(2), "ln 2");

    /// <inheritdoc />
    private protected override Tensor Of(Tensor logits)
    {
        Tensor right = nn.functional.logsigmoid(logits), wrong = nn.functional.logsigmoid(logits.neg()); // (B)
        return (wrong.Mul(LabelSmoothing) - right.Mul(1 - LabelSmoothing)).Mul(1 / (1 - 2 * LabelSmoothing)); // (B)
    }
}
