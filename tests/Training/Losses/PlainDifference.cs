using MiniMind.MLNet.Dpo.Training.Losses;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>log pi(rejected) - log pi(chosen): neither beta nor reference.</summary>
internal sealed record PlainDifference : PreferenceLoss
{
    internal override double? DefaultBeta => null;

    internal override GradientDirection Direction => GradientDirection.Fixed;

    internal override bool UsesReference => false;

    internal override string Formula(bool withReference) => "log pi(rejected) - log pi(chosen)";

    internal override LossStart? Start(LossTerms terms) => null;

    internal override Tensor Losses(PairLogProbs pairs, LossTerms terms) => pairs.PolicyRejected - pairs.PolicyChosen; // (B)
}
