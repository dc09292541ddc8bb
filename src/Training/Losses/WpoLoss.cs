using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// Another loss, each pair weighed by how likely the policy itself would write it: the exponential, at most 1, of both sides' means over tokens of
/// log pi(token) - log sum over the vocabulary of pi^2, without gradient. WPO, Zhou et al. 2024 (arXiv 2406.11827), eq. 2, sampled alignment; the bound is of
/// the authors' code.
/// </summary>
internal sealed record WpoLoss : WrappedLoss
{
    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentException">The other loss couples the pairs of a step, or is another one of this kind.</exception>
    public WpoLoss(PreferenceLoss loss) : base(loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (loss.Direction == GradientDirection.Coupled)
        {
            throw new ArgumentException($"Loss {loss.Name} couples the pairs of a step: what it gives belongs to no pair, which could be weighed.",
                nameof(loss));
        }

        if (loss.Statistics.HasFlag(TokenStatistics.Collisions))
            throw new ArgumentException($"Loss {loss.Name} weighs pairs itself.", nameof(loss));
    }

    /// <inheritdoc />
    internal override double? DefaultBeta => Loss is SigmoidLoss ? 0.01 : Loss.DefaultBeta;

    /// <inheritdoc />
    internal override LogProbReduction DefaultReduction => Loss is SigmoidLoss ? LogProbReduction.Sum : Loss.DefaultReduction;

    /// <inheritdoc />
    internal override PublishedBeta? Published => Loss is SigmoidLoss ? new(0.001, 0.1, LogProbReduction.Sum) : null;

    /// <inheritdoc />
    internal override GradientDirection Direction => GradientDirection.Free;

    /// <inheritdoc />
    internal override TokenStatistics Statistics => Loss.Statistics | TokenStatistics.Collisions;

    /// <inheritdoc />
    internal override string Formula(bool withReference) =>
        $"{Loss.Formula(withReference)}; each pair weighed by min(1, exp(w(chosen) + w(rejected))) without gradient, w being the mean over tokens of " +
        "log pi(token) - log sum pi^2: WPO, Zhou et al. 2024 (arXiv 2406.11827) eq. 2";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => null;

    /// <inheritdoc />
    internal override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor collisions = pairs.Collisions ?? throw new InvalidOperationException("The sums of the collisions are not there.");
        Tensor exponents = (pairs.PolicyPerLabel(terms.Reduction) - collisions / pairs.Labels.ClampMin(1)).detach().view(2, -1).sum([0]); // (2 * B) -> (B)
        return (exponents.ClampMax(0).exp() * Loss.Losses(pairs, terms)).MoveToOuterDisposeScope(); // (B)
    }
}
