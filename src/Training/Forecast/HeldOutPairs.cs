using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.References;
using MiniMind.MLNet.Dpo.Training.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>Measures a policy on each of some held-out pairs; the reference's log-probabilities of them are computed once.</summary>
internal sealed class HeldOutPairs
{
    private readonly IReadOnlyList<PreferenceExample> _pairs;
    private readonly PreferenceValidationOptions _options;
    private readonly IReadOnlyList<int[]> _groups;
    private readonly IReferenceLogProbs _reference;
    private readonly ForwardPasses _passes;
    private readonly CancellationToken _cancellation;

    /// <summary>Runs the reference over all pairs.</summary>
    /// <param name="reference">What rewards are measured against; <see langword="null"/> for log-probabilities of zero.</param>
    /// <param name="pairs">The pairs; both sides of each have a counted token.</param>
    /// <param name="options">The loss and the batches.</param>
    /// <param name="passes">Runs batches.</param>
    /// <param name="cancellation">Ends a measurement between batches.</param>
    public HeldOutPairs(
        MiniMindNetwork? reference, IReadOnlyList<PreferenceExample> pairs, PreferenceValidationOptions options, ForwardPasses passes,
        CancellationToken cancellation)
    {
        (_pairs, _options, _passes, _cancellation) = (pairs, options, passes, cancellation);
        _groups = options.Groups(pairs);
        _reference = reference is null ? new AbsentReference() : PrecomputedReference.Compute(
            reference, _groups, Build, options.Mode, options.LogitsBudget, new SingleProcess(), cancellation, passes);
    }

    /// <summary>Rows of the network that a measurement takes.</summary>
    public long Rows => _pairs.Sum(pair => (long)pair.Chosen.NeededLength + pair.Rejected.NeededLength - pair.SharedPrefix);

    /// <summary>What the policy gives each pair, in order.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public PairSides[] Measure(MiniMindNetwork policy)
    {
        PairSides[] sides = new PairSides[_pairs.Count];
        foreach (int[] group in _groups)
        {
            _cancellation.ThrowIfCancellationRequested();
            _passes.Run(group, pairs => Measure(policy, pairs, sides));
        }
        return sides;
    }

    private void Measure(MiniMindNetwork policy, int[] group, PairSides[] sides)
    {
        using DisposeScope scope = NewDisposeScope();
        DeviceBatch batch = new(Build(group), _options.Mode, policy.Device);
        Tensor ours = NetworkScorer.Sums(policy, batch, _options.LogitsBudget, _options.Objective.HasCollisions); // (sums)
        PairLogProbs pairs = _options.Objective.Pairs(ours, _reference.Sums(batch, group), batch.LossTokens);
        double[] rewards = Host(_options.Objective.Rewards(pairs.Policy, pairs.Reference, pairs.Labels)), chosen = Host(pairs.PolicyChosen);
        double[] tokens = Host(pairs.ChosenLabels);
        for (int i = 0; i < group.Length; i++)
            sides[group[i]] = new PairSides(rewards[i] - rewards[group.Length + i], chosen[i], tokens[i], _pairs[group[i]].Weight);
    }

    private BatchRows Build(int[] group) => BatchBuilder.Pairs(
        [.. group.Select(i => _pairs[i])], BatchShape.PackedWithSharedPrefix, headOnResponseOnly: true, 0, 0, balanceRealTokensOnly: false,
        _options.Objective.HasTails);

    private static double[] Host(Tensor values) => values.to(ScalarType.Float64).cpu().data<double>().ToArray();
}
