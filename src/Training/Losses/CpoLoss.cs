using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// -log sigmoid(beta (log pi(chosen) - log pi(rejected))) - w log pi(chosen) / tokens: contrastive preference optimization, Xu et al. 2024 (arXiv 2401.08417),
/// without a reference.
/// </summary>
internal sealed record CpoLoss : PreferenceLoss
{
    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The weight is not at least 0 and finite.</exception>
    public CpoLoss(double likelihoodWeight)
    {
        if (!(likelihoodWeight >= 0 && double.IsFinite(likelihoodWeight)))
        {
            throw new ArgumentOutOfRangeException(nameof(likelihoodWeight), likelihoodWeight,
                "The weight of the supervised term must be at least 0 and finite.");
        }

        LikelihoodWeight = likelihoodWeight;
    }

    /// <summary>w: how much the supervised term counts.</summary>
    public double LikelihoodWeight { get; }

    /// <inheritdoc />
    internal override double? DefaultBeta => 0.1;

    /// <inheritdoc />
    internal override LogProbReduction DefaultReduction => LogProbReduction.Sum;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.01, 1, LogProbReduction.Sum);

    /// <inheritdoc />
    internal override GradientDirection Direction => GradientDirection.Free;

    /// <inheritdoc />
    internal override bool UsesReference => false;

    /// <inheritdoc />
    internal override string ChosenRemedy =>
        string.Create(CultureInfo.InvariantCulture, $"raise the likelihoodWeight of PreferenceLoss.Cpo above {LikelihoodWeight}");

    /// <inheritdoc />
    internal override string Formula(bool withReference) => string.Create(
        CultureInfo.InvariantCulture,
        $"-log sigmoid({DifferenceText(withReference: false)}) - {LikelihoodWeight} * log pi(chosen) / tokens(chosen), " +
        $"averaged per pair; CPO, Xu et al. 2024 (arXiv 2401.08417)");

    /// <inheritdoc />
    internal override IEnumerable<string> Warnings(LossTerms terms) => LikelihoodWeight > 0
        ? base.Warnings(terms)
        : base.Warnings(terms).Append(
            "Loss Cpo without a supervised term and without a reference lets both sides become unlikely; give it a likelihoodWeight, 1 as published.");

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => null;

    /// <inheritdoc />
    internal override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor contrast = LogSigmoid.CrossEntropy((pairs.PolicyChosen - pairs.PolicyRejected).Mul(terms.Beta), 0); // (B)
        Tensor perToken = pairs.PolicyPerLabel(terms.Reduction).narrow(0, 0, pairs.Count); // (B)
        return (contrast - perToken.Mul(LikelihoodWeight)).MoveToOuterDisposeScope(); // (B)
    }
}
