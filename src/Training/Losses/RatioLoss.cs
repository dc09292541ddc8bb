using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>A loss of two numbers per pair: a = log pi(chosen) - log ref(chosen) and b, the same of the rejected side.</summary>
internal abstract record RatioLoss : PreferenceLoss
{
    /// <inheritdoc />
    internal override LogProbReduction DefaultReduction => LogProbReduction.Sum;

    /// <inheritdoc />
    internal override GradientDirection Direction => GradientDirection.Free;

    /// <inheritdoc />
    internal override bool NeedsReference => true;

    /// <inheritdoc />
    internal sealed override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        return Of(pairs.ChosenRatio, pairs.RejectedRatio, terms.Beta).MoveToOuterDisposeScope(); // (B)
    }

    /// <inheritdoc />
    internal sealed override string Formula(bool withReference) =>
        $"{FormulaOfRatios} with a = log pi(chosen) - log ref(chosen), b = log pi(rejected) - log ref(rejected), averaged per pair; {Source}";

    /// <summary>The formula of a and b.</summary>
    private protected abstract string FormulaOfRatios { get; }

    /// <summary>Where it is from.</summary>
    private protected abstract string Source { get; }

    /// <summary>The losses of B pairs.</summary>
    /// <param name="chosen">a, (B), nats.</param>
    /// <param name="rejected">b, (B), nats.</param>
    /// <param name="beta">Beta.</param>
    /// <returns>(B), in the current scope.</returns>
    private protected abstract Tensor Of(Tensor chosen, Tensor rejected, double beta);
}
