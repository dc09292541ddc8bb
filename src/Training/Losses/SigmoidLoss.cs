using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// -(1 - e) log sigmoid(h) - e log sigmoid(-h) with h = beta * ((log pi(chosen) - log pi(rejected)) - (log ref(chosen) - log ref(rejected))) and label
/// smoothing e: Rafailov et al. 2023 (arXiv 2305.18290), eq. 7, for e = 0; conservative DPO (Mitchell 2023) above.
/// </summary>
internal sealed record SigmoidLoss : PreferenceLoss
{
    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not at least 0 and below one half.</exception>
    public SigmoidLoss(double labelSmoothing)
    {
        if (labelSmoothing is not (>= 0 and < 0.5))
        {
            throw new ArgumentOutOfRangeException(
                nameof(labelSmoothing), labelSmoothing, "The label smoothing must be at least 0 and below 0.5, at which nothing is preferred.");
        }

        LabelSmoothing = labelSmoothing;
    }

    /// <summary>How often labels are taken to be the wrong way round.</summary>
    public double LabelSmoothing { get; }

    /// <inheritdoc />
    internal override double? DefaultBeta => 0.15; // MiniMind's train_dpo.py

    /// <inheritdoc />
    internal override GradientDirection Direction => GradientDirection.Fixed;

    /// <inheritdoc />
    internal override string FarMargin => LabelSmoothing == 0 ? "where the loss is saturated" : base.FarMargin;

    /// <inheritdoc />
    internal override string Formula(bool withReference)
    {
        string margin = withReference
            ? "beta * ((log pi(chosen) - log ref(chosen)) - (log pi(rejected) - log ref(rejected)))"
            : "beta * (log pi(chosen) - log pi(rejected))";
        string source = $"averaged per pair; Rafailov et al. 2023 (arXiv 2305.18290) eq. 7{(withReference ? "" : " with a uniform reference")}";
        if (LabelSmoothing == 0)
            return $"-log sigmoid({margin}), {source}";
        string smoothed = string.Create(CultureInfo.InvariantCulture, $"-{1 - LabelSmoothing} * log sigmoid(h) - {LabelSmoothing} * log sigmoid(-h)");
        return $"{smoothed} with h = {margin}, {source} and label smoothing (conservative DPO, Mitchell 2023)";
    }

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(Math.Log(2), "ln 2");

    /// <inheritdoc />
    internal override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = ((pairs.PolicyChosen - pairs.PolicyRejected) - (pairs.ReferenceChosen - pairs.ReferenceRejected)).Mul(terms.Beta); // (B)
        Tensor right = nn.functional.logsigmoid(logits); // (B)
        if (LabelSmoothing == 0)
            return right.neg().MoveToOuterDisposeScope(); // (B)
        Tensor wrong = nn.functional.logsigmoid(logits.neg()); // (B)
        return right.Mul(1 - LabelSmoothing).Add(wrong.Mul(LabelSmoothing)).neg().MoveToOuterDisposeScope(); // (B)
    }

    /// <inheritdoc />
    internal override double OfScores(ScoredPair scores, LossTerms terms) =>
        LabelSmoothing == 0 ? Softplus(-scores.Margin) : (1 - LabelSmoothing) * Softplus(-scores.Margin) + LabelSmoothing * Softplus(scores.Margin);

    private static double Softplus(double x) => Math.Max(x, 0) + double.LogP1(Math.Exp(-Math.Abs(x)));
}
