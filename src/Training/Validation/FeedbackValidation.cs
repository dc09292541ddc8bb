using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>Measures a policy on held-out answers; KTO's baseline is that of all of them together.</summary>
/// <param name="policy">What is measured.</param>
/// <param name="reference">What it is compared with.</param>
/// <param name="rows">The answers, at least one; each has a counted token.</param>
/// <param name="objective">The loss.</param>
/// <param name="options">How held-out rows are run.</param>
/// <param name="communicator">Connects the processes that train together; each measures a part.</param>
/// <param name="passes">Runs batches, in halves where they do not fit into memory.</param>
internal sealed class FeedbackValidation(
    MiniMindNetwork policy, MiniMindNetwork reference, IReadOnlyList<FeedbackExample> rows, FeedbackObjective objective, FeedbackValidationOptions options,
    ICommunicator communicator, ForwardPasses passes) : IValidation
{
    private readonly Response[] _all =
    [
        .. rows.Select(row => row.Response),
        .. objective.HasBaseline ? MismatchedRows.Of(rows, [.. Enumerable.Range(0, rows.Count)], rows.Max(row => row.Response.NeededLength)) : [],
    ];
    private readonly Dictionary<int, double> _reference = []; // sums by row, of this rank's part

    /// <inheritdoc />
    public int Count => rows.Count;

    /// <inheritdoc />
    public IReadOnlyDictionary<string, double>? Measure(CancellationToken cancellation)
    {
        IReadOnlyList<int[]> groups = options.Groups(_all, rows.Count);
        List<double> own = []; // row, the policy's sum, the reference's
        double[] divergence = [0, 0]; // sum and positions
        bool whole = true;
        for (int group = communicator.Rank; group < groups.Count && whole; group += communicator.Size)
        {
            communicator.Activity.Report($"the evaluation, batch {group + 1} of {groups.Count}");
            whole = !cancellation.IsCancellationRequested;
            if (whole)
                passes.Run(groups[group], chosen => Measure(chosen, own, divergence, withDivergence: groups[group][^1] < options.KlRows));
        }
        if (!RankSums.Complete(communicator, divergence, whole))
            return null;
        byte[][] all = communicator.AllGather(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(own)));
        return Averages([.. all.SelectMany(part => MemoryMarshal.Cast<byte, double>(part).ToArray())], divergence);
    }

    private Dictionary<string, double> Averages(double[] measured, double[] divergence)
    {
        double[] policySums = new double[_all.Length], ratios = new double[_all.Length];
        for (int i = 0; i < measured.Length; i += 3)
            (policySums[(int)measured[i]], ratios[(int)measured[i]]) = (measured[i + 1], measured[i + 1] - measured[i + 2]);
        double baseline = _all.Length > rows.Count ? Math.Max(0, ratios[rows.Count..].Average()) : 0;
        Dictionary<string, double> averages = FeedbackAverages.Of(
            [.. ratios[..rows.Count].Select(ratio => ratio * objective.Beta)], policySums[..rows.Count], [.. rows.Select(row => row.IsGood)], objective,
            baseline).Named();
        if (objective.HasBaseline)
            averages[MetricNames.Baseline] = baseline;
        if (divergence[1] > 0)
            averages[MetricNames.KlDivergence] = divergence[0] / divergence[1];
        return averages;
    }

    private void Measure(int[] group, List<double> own, double[] divergence, bool withDivergence)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        BatchRows laidOut = BatchBuilder.Responses([.. group.Select(i => _all[i])], BatchShape.Packed, headOnResponseOnly: true, 0, 0,
            balanceRealTokensOnly: false);
        DeviceBatch batch = new(laidOut, options.Mode, policy.Device);
        Tensor hidden = Hidden(policy, batch); // (N, hidden)
        double[] ours = Host(HeadPass.Sums(policy, hidden, batch, options.LogitsBudget));
        bool known = group.All(_reference.ContainsKey);
        Tensor? theirs = known && !withDivergence ? null : Hidden(reference, batch); // (N, hidden)
        double[] theirSums = known ? [.. group.Select(i => _reference[i])] : Host(HeadPass.Sums(reference, theirs!, batch, options.LogitsBudget));
        double sum = withDivergence ? NextTokenDivergence.Sum(policy, hidden, reference, theirs!, batch.Rows, options.LogitsBudget) : 0;
        for (int i = 0; i < group.Length; i++) // from here on nothing takes memory
        {
            _reference[group[i]] = theirSums[i];
            own.AddRange([group[i], ours[i], theirSums[i]]);
        }
        if (withDivergence)
            (divergence[0], divergence[1]) = (divergence[0] + sum, divergence[1] + batch.Rows.shape[0]);
    }

    private Tensor Hidden(MiniMindNetwork network, DeviceBatch batch) =>
        network.Forward(batch.InputIds, batch.Layout, training: false, options.Mode).Hidden; // (N, hidden)

    private static double[] Host(Tensor sums) => sums.cpu().data<double>().ToArray();
}
