using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>A loss of one number per pair: h = beta * ((log pi(chosen) - log pi(rejected)) - (log ref(chosen) - log ref(rejected))).</summary>
internal abstract record MarginLoss : PreferenceLoss
{
    /// <inheritdoc />
    internal override LogProbReduction DefaultReduction => LogProbReduction.Sum;

    /// <inheritdoc />
    internal override GradientDirection Direction => GradientDirection.Fixed;

    /// <inheritdoc />
    internal sealed override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = ((pairs.PolicyChosen - pairs.PolicyRejected) - (pairs.ReferenceChosen - pairs.ReferenceRejected)).Mul(terms.Beta); // (B)
        return Of(logits).MoveToOuterDisposeScope(); // (B)
    }

    /// <inheritdoc />
    internal sealed override string Formula(bool withReference) => $"{FormulaOfH} with h = {DifferenceText(withReference)}, averaged per pair; {Source}";

    /// <summary>The formula of h.</summary>
    private protected abstract string FormulaOfH { get; }

    /// <summary>Where it is from.</summary>
    private protected abstract string Source { get; }

    /// <summary>The losses of B margins h.</summary>
    /// <returns>(B), in the current scope.</returns>
    private protected abstract Tensor Of(Tensor logits);
}
