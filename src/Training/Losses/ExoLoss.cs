using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// KL(q || p) with q = (sigmoid(h), sigmoid(-h)) and p = (1 - e, e): the reverse of the divergence that DPO makes smaller, Ji et al. 2024
/// (arXiv 2402.00856), for pairs.
/// </summary>
internal sealed record ExoLoss : MarginLoss
{
    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not above 0 and below one half.</exception>
    public ExoLoss(double labelSmoothing)
    {
        if (labelSmoothing == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(labelSmoothing), labelSmoothing,
                "The label smoothing must be above 0: of labels without any doubt the loss is infinite.");
        }

        LabelSmoothing = SmoothedLabels.Checked(labelSmoothing, nameof(labelSmoothing));
    }

    /// <summary>How often labels are taken to be the wrong way round.</summary>
    public double LabelSmoothing { get; }

    /// <inheritdoc />
    internal override double? DefaultBeta => 0.1;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.01, 1, LogProbReduction.Sum);

    /// <inheritdoc />
    private protected override string FormulaOfH =>
        string.Create(CultureInfo.InvariantCulture, $"q (log q - log(1 - e)) + (1 - q) (log(1 - q) - log e) with q = sigmoid(h), e = {LabelSmoothing}");

    /// <inheritdoc />
    private protected override string Source => "EXO, Ji et al. 2024 (arXiv 2402.00856)";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) =>
        new(-Math.Log(2) - 0.5 * (Math.Log(LabelSmoothing) + double.LogP1(-LabelSmoothing)), "-ln 2 - ln(e (1 - e)) / 2");

    /// <inheritdoc />
    private protected override Tensor Of(Tensor logits)
    {
        Tensor opposite = logits.neg(); // (B)
        Tensor right = nn.functional.logsigmoid(logits).Sub(double.LogP1(-LabelSmoothing)) * logits.sigmoid(); // (B)
        return right.Add(nn.functional.logsigmoid(opposite).Sub(Math.Log(LabelSmoothing)) * opposite.sigmoid()); // (B)
    }
}
