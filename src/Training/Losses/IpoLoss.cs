using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// (h - 1 / (2 * beta))^2 with h = (log pi(chosen) - log pi(rejected)) - (log ref(chosen) - log ref(rejected)): identity preference optimization,
/// Azar et al. 2023 (arXiv 2310.12036), eq. 17, whose tau is beta.
/// </summary>
internal sealed record IpoLoss : PreferenceLoss
{
    /// <inheritdoc />
    internal override double? DefaultBeta => 0.1; // TRL's

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.01, 1, LogProbReduction.Mean);

    /// <inheritdoc />
    internal override GradientDirection Direction => GradientDirection.Fixed;

    /// <inheritdoc />
    internal override string Unit => "nats^2";

    /// <inheritdoc />
    internal override string FarMargin => "far above the 0.5 that the loss aims at";

    /// <inheritdoc />
    internal override string Formula(bool withReference)
    {
        string difference = withReference ? "(log pi(chosen) - log ref(chosen)) - (log pi(rejected) - log ref(rejected))" : "log pi(chosen) - log pi(rejected)";
        return $"({difference} - 1 / (2 * beta))^2, averaged per pair; Azar et al. 2023 (arXiv 2310.12036) eq. " +
            $"17{(withReference ? "" : " with a uniform reference")}";
    }

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(Target(terms) * Target(terms), "1 / (2 beta)^2");

    /// <inheritdoc />
    internal override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor difference = (pairs.PolicyChosen - pairs.PolicyRejected) - (pairs.ReferenceChosen - pairs.ReferenceRejected); // (B)
        Tensor distance = difference.Sub(Target(terms)); // (B)
        return (distance * distance).MoveToOuterDisposeScope(); // (B)
    }

    /// <summary>One half and the margin, within 0 and 1: between two responses that are equally frequent, the optimum's h is (p - 1/2) / beta.</summary>
    internal override double Probability(double margin) => Math.Clamp(0.5 + margin, 0, 1);

    /// <summary>Sums, too, are in use (OpenRLHF), with the same betas.</summary>
    internal override IEnumerable<string> Warnings(LossTerms terms) => base.Warnings(terms with { Reduction = LogProbReduction.Mean });

    private static double Target(LossTerms terms) => 1 / (2 * terms.Beta);
}
