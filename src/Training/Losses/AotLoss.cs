using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// DPO's loss of the step's sorted differences log pi(chosen) - log pi(rejected), each against the reference's of the same rank: the policy's distribution of
/// them is to dominate the reference's, alignment by optimal transport, Melnyk et al. 2024 (arXiv 2406.05882), for pairs.
/// </summary>
internal sealed record AotLoss : PreferenceLoss
{
    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not at least 0 and below one half.</exception>
    public AotLoss(double labelSmoothing) => LabelSmoothing = SmoothedLabels.Checked(labelSmoothing, nameof(labelSmoothing));

    /// <summary>How often labels are taken to be the wrong way round.</summary>
    public double LabelSmoothing { get; }

    /// <inheritdoc />
    internal override double? DefaultBeta => 0.01;

    /// <inheritdoc />
    internal override LogProbReduction DefaultReduction => LogProbReduction.Sum;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.001, 0.1, LogProbReduction.Sum);

    /// <inheritdoc />
    internal override GradientDirection Direction => GradientDirection.Coupled;

    /// <inheritdoc />
    internal override bool NeedsReference => true;

    /// <inheritdoc />
    internal override string Formula(bool withReference) =>
        $"{SmoothedText(LabelSmoothing)} with h = beta * (p - r), p being log pi(chosen) - log pi(rejected) and r log ref(chosen) - log ref(rejected), " +
        "each sorted over the step, averaged per pair; AOT, paired, Melnyk et al. 2024 (arXiv 2406.05882)";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(Math.Log(2), "ln 2");

    /// <inheritdoc />
    internal override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ours = (pairs.PolicyChosen - pairs.PolicyRejected).sort(0).Values,
            theirs = (pairs.ReferenceChosen - pairs.ReferenceRejected).sort(0).Values; // (B)
        return LogSigmoid.CrossEntropy((ours - theirs).Mul(terms.Beta), LabelSmoothing).MoveToOuterDisposeScope(); // (B)
    }
}
