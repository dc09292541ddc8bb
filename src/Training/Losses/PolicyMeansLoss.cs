using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>A loss of the policy's mean log-probabilities per token alone, without a reference.</summary>
internal abstract record PolicyMeansLoss : PreferenceLoss
{
    /// <inheritdoc />
    internal override GradientDirection Direction => GradientDirection.Free;

    /// <inheritdoc />
    internal sealed override bool UsesReference => false;

    /// <inheritdoc />
    internal sealed override bool Takes(LogProbReduction reduction) => reduction == LogProbReduction.Mean;

    /// <inheritdoc />
    internal sealed override string Formula(bool withReference) =>
        $"{FormulaOfMeans} with m the mean of log pi per token, averaged per pair; {Source}";

    /// <inheritdoc />
    internal sealed override LossStart? Start(LossTerms terms) => null;

    /// <inheritdoc />
    internal sealed override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        return Of(pairs.PolicyChosen, pairs.PolicyRejected, terms.Beta).MoveToOuterDisposeScope(); // (B)
    }

    /// <summary>The formula of m(chosen) and m(rejected).</summary>
    private protected abstract string FormulaOfMeans { get; }

    /// <summary>Where it is from.</summary>
    private protected abstract string Source { get; }

    /// <summary>The losses of B pairs.</summary>
    /// <param name="chosen">(B), nats per token.</param>
    /// <param name="rejected">(B), nats per token.</param>
    /// <param name="beta">Beta.</param>
    /// <returns>(B), in the current scope.</returns>
    private protected abstract Tensor Of(Tensor chosen, Tensor rejected, double beta);
}
