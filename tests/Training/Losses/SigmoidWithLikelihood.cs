using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>DPO's loss and a fifth of the chosen side's cross-entropy per token: the direction of its gradient depends on the log-probabilities.</summary>
/// <param name="Claimed">What it says of that.</param>
internal sealed record SigmoidWithLikelihood(GradientDirection Claimed = GradientDirection.Free) : PreferenceLoss
{
    private const double Share = 0.2;

    internal override double? DefaultBeta => 0.1;

    internal override GradientDirection Direction => Claimed;

    internal override string Formula(bool withReference) => "a test's";

    internal override LossStart? Start(LossTerms terms) => null;

    internal override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor perToken = terms.Reduction == LogProbReduction.Sum ? pairs.PolicyChosen / pairs.ChosenLabels : pairs.PolicyChosen; // (B)
        return (Sigmoid().Losses(pairs, terms) - perToken * Share).MoveToOuterDisposeScope(); // (B)
    }
}
