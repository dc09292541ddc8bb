using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>What a preference loss sees of B pairs: log-probabilities of their responses, chosen over rejected, reduced as the options say.</summary>
/// <remarks>The parts are views, made when they are asked for.</remarks>
/// <param name="Policy">Under the policy, (2 * B), fp64, nats.</param>
/// <param name="Reference">Under the reference, (2 * B), fp64, nats, without gradient; zero where there is none.</param>
/// <param name="Labels">How many labels of each response count, (2 * B), fp32.</param>
internal sealed record PairLogProbs(Tensor Policy, Tensor Reference, Tensor Labels)
{
    /// <summary>By how much the chosen rewards are to exceed the rejected ones before the loss takes them for equal, (B), fp64; <see langword="null"/> for
    /// nothing.</summary>
    public Tensor? Offsets { get; init; }

    /// <summary>Of each sequence the labels behind as many as the pair's shorter side has; where the loss asks for them.</summary>
    public PairTails? Tails { get; init; }

    /// <summary>Sums of the logarithms of the policy's summed squared probabilities, (2 * B), fp64, without gradient; where the loss asks for them.</summary>
    public Tensor? Collisions { get; init; }

    /// <summary>The number of pairs B.</summary>
    public long Count => Policy.shape[0] / 2;

    /// <summary>(B), nats.</summary>
    public Tensor PolicyChosen => Chosen(Policy);

    /// <summary>(B), nats.</summary>
    public Tensor PolicyRejected => Rejected(Policy);

    /// <summary>(B), nats.</summary>
    public Tensor ReferenceChosen => Chosen(Reference);

    /// <summary>(B), nats.</summary>
    public Tensor ReferenceRejected => Rejected(Reference);

    /// <summary>(B).</summary>
    public Tensor ChosenLabels => Chosen(Labels);

    /// <summary>(B).</summary>
    public Tensor RejectedLabels => Rejected(Labels);

    /// <summary>The same with the offsets as a part of the reference, which a loss of the rewards' difference cannot tell from them; in the caller's
    /// scope.</summary>
    /// <param name="beta">What makes nats a reward.</param>
    public PairLogProbs WithOffsetReference(double beta) =>
        Offsets is null ? this : this with { Reference = cat([ReferenceChosen.Add(Offsets.Div(beta)), ReferenceRejected]), Offsets = null }; // (2 * B)

    /// <summary>What the policy gives the chosen sides above the reference, (B), nats.</summary>
    public Tensor ChosenRatio => PolicyChosen - ReferenceChosen;

    /// <summary>What the policy gives the rejected sides above the reference, (B), nats.</summary>
    public Tensor RejectedRatio => PolicyRejected - ReferenceRejected;

    /// <summary>The policy's log-probabilities per label, (2 * B), nats; 0 for a side without one.</summary>
    /// <param name="reduction">What they are reduced to here.</param>
    public Tensor PolicyPerLabel(LogProbReduction reduction) => reduction == LogProbReduction.Mean ? Policy : Policy / Labels.ClampMin(1); // (2 * B)

    private Tensor Chosen(Tensor sides) => sides.narrow(0, 0, Count); // (B)

    private Tensor Rejected(Tensor sides) => sides.narrow(0, Count, Count); // (B)
}
