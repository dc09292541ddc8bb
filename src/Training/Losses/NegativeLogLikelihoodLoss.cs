using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// -log pi(chosen) / tokens: the chosen side's cross-entropy per token, averaged per pair, as the supervised term of RPO (Pang et al. 2024, arXiv
/// 2404.19733).
/// </summary>
internal sealed record NegativeLogLikelihoodLoss : PreferenceLoss
{
    /// <inheritdoc />
    internal override double? DefaultBeta => null;

    /// <inheritdoc />
    internal override GradientDirection Direction => GradientDirection.Fixed;

    /// <inheritdoc />
    internal override bool UsesReference => false;

    /// <inheritdoc />
    internal override string Unit => "nats per token";

    /// <inheritdoc />
    internal override string Formula(bool withReference) =>
        "-log pi(chosen) / tokens(chosen), averaged per pair; the supervised term of Pang et al. 2024 (arXiv 2404.19733)";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => null;

    /// <inheritdoc />
    internal override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        return pairs.PolicyPerLabel(terms.Reduction).narrow(0, 0, pairs.Count).neg().MoveToOuterDisposeScope(); // (B)
    }
}
