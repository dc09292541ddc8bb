using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>-log sigmoid of what a pair's margin is above half the mean of all: its gradient depends on all pairs of the batch. It takes sums only.</summary>
/// <param name="Claimed">What it says of that.</param>
internal sealed record CenteredSigmoid(GradientDirection Claimed = GradientDirection.Coupled) : PreferenceLoss
{
    internal override double? DefaultBeta => 0.1;

    internal override GradientDirection Direction => Claimed;

    internal override bool Takes(LogProbReduction reduction) => reduction == LogProbReduction.Sum;

    internal override string Formula(bool withReference) => "a test's";

    internal override LossStart? Start(LossTerms terms) => new(Math.Log(2), "ln 2");

    internal override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor margins = ((pairs.PolicyChosen - pairs.PolicyRejected) - (pairs.ReferenceChosen - pairs.ReferenceRejected)) * terms.Beta; // (B)
        return nn.functional.logsigmoid(margins - margins.mean() / 2).neg().MoveToOuterDisposeScope(); // (B)
    }
}
