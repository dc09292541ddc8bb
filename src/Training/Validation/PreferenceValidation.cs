using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>Measures a policy on held-out preference pairs; the reference's log-probabilities of them are computed once.</summary>
internal sealed class PreferenceValidation : IValidation
{
    private readonly MiniMindNetwork _policy;
    private readonly MiniMindNetwork? _reference;
    private readonly IReadOnlyList<PreferenceExample> _pairs;
    private readonly PreferenceValidationOptions _options;
    private readonly IReadOnlyList<int[]> _groups;
    private readonly IReferenceLogProbs _referenceLogProbs;
    private readonly bool _hasOffsets;
    private readonly int _divergenceGroups;
    private readonly ICommunicator _communicator;
    private readonly ForwardPasses _passes;

    /// <summary>Runs the reference over all pairs.</summary>
    /// <param name="policy">What is measured.</param>
    /// <param name="reference">What it is compared with; <see langword="null"/> for log-probabilities of zero.</param>
    /// <param name="pairs">The pairs, at least one; both sides of each have a counted token.</param>
    /// <param name="options">The loss and the batches.</param>
    /// <param name="communicator">Connects the processes that train together; each measures a part.</param>
    /// <param name="cancellation">Ends the reference's run between batches.</param>
    /// <param name="passes">Runs batches, in halves where they do not fit into memory.</param>
    /// <param name="referenceStays">Whether the reference stays as it is; otherwise it runs in every evaluation.</param>
    /// <exception cref="TrainingCancelledException">It was cancelled, here or on another rank.</exception>
    public PreferenceValidation(
        MiniMindNetwork policy, MiniMindNetwork? reference, IReadOnlyList<PreferenceExample> pairs, PreferenceValidationOptions options,
            ICommunicator communicator, CancellationToken cancellation,
        ForwardPasses passes, bool referenceStays = true)
    {
        (_policy, _reference, _pairs, _options, _communicator, _passes) = (policy, reference, pairs, options, communicator, passes);
        _groups = options.Groups(pairs);
        _hasOffsets = pairs.Any(pair => pair.Offset != 0);
        _divergenceGroups = reference is null ? 0 : GroupsWith(options.KlPairs);
        _referenceLogProbs = reference is null
            ? new AbsentReference()
            : !referenceStays ? new LiveReference(reference, options.LogitsBudget)
            : PrecomputedReference.Compute(reference, _groups, Build, options.Mode, options.LogitsBudget, communicator, cancellation, passes);
    }

    /// <inheritdoc />
    public int Count => _pairs.Count;

    /// <summary>
    /// Of how many pairs the reference gives the chosen side the higher log-probability, a tie counted half; <see langword="null"/> where there is no
    /// reference.
    /// </summary>
    public double? EasyForReference => _referenceLogProbs is PrecomputedReference reference
        ? ReferencePreference.CountRight(reference, _pairs, _options.Objective.Reduction) : null;

    /// <inheritdoc />
    public IReadOnlyDictionary<string, double>? Measure(CancellationToken cancellation)
    {
        PreferenceSums sums = new(_options.Objective);
        bool whole = true;
        // in turn, so that the divergences at the front are shared out, too
        for (int group = _communicator.Rank; group < _groups.Count && whole; group += _communicator.Size)
        {
            _communicator.Activity.Report($"the evaluation, batch {group + 1} of {_groups.Count}");
            whole = !cancellation.IsCancellationRequested;
            bool withDivergence = group < _divergenceGroups;
            if (whole)
                _passes.Run(_groups[group], pairs => Measure(pairs, sums, withDivergence));
        }
        return sums.Complete(_communicator, whole) ? sums.Averages() : null;
    }

    private void Measure(int[] group, PreferenceSums sums, bool withDivergence)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        DeviceBatch batch = new(Build(group), _options.Mode, _policy.Device);
        Tensor hidden = Hidden(_policy, batch); // (N, hidden)
        Tensor ours = HeadPass.Sums(_policy, hidden, batch, _options.LogitsBudget, _options.Objective.HasCollisions); // (sums)
        Tensor theirs = _referenceLogProbs.Sums(batch, group); // (sums)
        double[] offsets = Array.ConvertAll(group, i => _pairs[i].Offset), weights = Array.ConvertAll(group, i => _pairs[i].Weight);
        Tensor? shift = _hasOffsets ? HostCopy.To(tensor(offsets), _policy.Device) : null; // (B)
        double divergence = withDivergence ? NextTokenDivergence.Sum(
            _policy, hidden, _reference!, Hidden(_reference!, batch), batch.Rows, _options.LogitsBudget) : 0;
        sums.Add(ours, theirs, batch.LossTokens, weights, shift); // from here on nothing takes memory
        if (withDivergence)
            sums.AddDivergence(divergence, batch.Rows.shape[0]);
    }

    private Tensor Hidden(MiniMindNetwork network, DeviceBatch batch) =>
        network.Forward(batch.InputIds, batch.Layout, training: false, _options.Mode).Hidden; // (N, hidden)

    private BatchRows Build(int[] group) => BatchBuilder.Pairs(
        [.. group.Select(i => _pairs[i])], BatchShape.PackedWithSharedPrefix, headOnResponseOnly: true, 0, 0, balanceRealTokensOnly: false,
        _options.Objective.HasTails);

    private int GroupsWith(int pairs)
    {
        int groups = 0;
        for (int seen = 0; seen < pairs && groups < _groups.Count; groups++)
            seen += _groups[groups].Length;
        return groups;
    }
}
