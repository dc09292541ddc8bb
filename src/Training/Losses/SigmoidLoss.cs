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
    public SigmoidLoss(double labelSmoothing) => LabelSmoothing = SmoothedLabels.Checked(labelSmoothing, nameof(labelSmoothing));

    /// <summary>How often labels are taken to be the wrong way round.</summary>
    public double LabelSmoothing { get; }

    /// <inheritdoc />
    internal override double? DefaultBeta => 0.15; // MiniMind's train_dpo.py

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.01, 0.5, LogProbReduction.Sum);

    /// <inheritdoc />
    internal override GradientDirection Direction => GradientDirection.Fixed;

    /// <inheritdoc />
    internal override bool TakesMargins => true;

    /// <inheritdoc />
    internal override string FarMargin => LabelSmoothing == 0 ? "where the loss is saturated" : base.FarMargin;

    /// <inheritdoc />
    internal override string Formula(bool withReference)
    {
        string margin = DifferenceText(withReference);
        string source = $"averaged per pair; Rafailov et al. 2023 (arXiv 2305.18290) eq. 7{(withReference ? "" : " with a uniform reference")}";
        if (LabelSmoothing == 0)
            return $"-log sigmoid({margin}), {source}";
        return $"{SmoothedText(LabelSmoothing)} with h = {margin}, {source} and label smoothing (conservative DPO, Mitchell 2023)";
    }

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(Math.Log(2), "ln 2");

    /// <inheritdoc />
    internal override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = ((pairs.PolicyChosen - pairs.PolicyRejected) - (pairs.ReferenceChosen - pairs.ReferenceRejected)).Mul(terms.Beta); // (B)
        return LogSigmoid.CrossEntropy(logits, LabelSmoothing).MoveToOuterDisposeScope(); // (B)
    }

    /// <summary>Means, too, have been used with any beta (MiniMind's walkthrough): only that of sums is known.</summary>
    internal override IEnumerable<string> Warnings(LossTerms terms) => terms.Reduction == LogProbReduction.Sum ? base.Warnings(terms) : [];

    /// <inheritdoc />
    internal override double OfScores(ScoredPair scores, LossTerms terms) =>
        LabelSmoothing == 0 ? Softplus(-scores.Margin) : (1 - LabelSmoothing) * Softplus(-scores.Margin) + LabelSmoothing * Softplus(scores.Margin);

    private static double Softplus(double x) => Math.Max(x, 0) + double.LogP1(Math.Exp(-Math.Abs(x)));
}
