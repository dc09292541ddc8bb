using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>Measures a network's next-token loss on held-out conversations.</summary>
/// <param name="network">What is measured.</param>
/// <param name="responses">The conversations, at least one; each has a counted token.</param>
/// <param name="groups">Forward passes that cover every conversation once.</param>
/// <param name="mode">The element type of matrix products, training's.</param>
/// <param name="logitsBudget">The most elements that logits may have at once.</param>
/// <param name="communicator">Connects the processes that train together; each measures a part.</param>
/// <param name="passes">Runs them, in halves where they do not fit into memory.</param>
internal sealed class SupervisedValidation(
    MiniMindNetwork network, IReadOnlyList<Response> responses, IReadOnlyList<int[]> groups, ComputeMode mode, long logitsBudget,
    ICommunicator communicator, ForwardPasses passes) : IValidation
{
    /// <inheritdoc />
    public int Count => responses.Count;

    /// <inheritdoc />
    public IReadOnlyDictionary<string, double>? Measure(CancellationToken cancellation)
    {
        double[] totals = [0, 0];
        bool whole = true;
        for (int group = communicator.Rank; group < groups.Count && whole; group += communicator.Size)
        {
            communicator.Activity.Report($"the evaluation, batch {group + 1} of {groups.Count}");
            whole = !cancellation.IsCancellationRequested;
            if (whole)
                passes.Run(groups[group], conversations => Measure(conversations, totals));
        }
        if (!RankSums.Complete(communicator, totals, whole))
            return null;
        double loss = -totals[0] / totals[1];
        return new Dictionary<string, double> { [MetricNames.Loss] = loss, [MetricNames.Perplexity] = Math.Exp(loss) };
    }

    /// <summary>Adds a batch's log-probabilities and counted tokens to the totals.</summary>
    private void Measure(int[] group, double[] totals)
    {
        using DisposeScope scope = NewDisposeScope();
        BatchRows rows = BatchBuilder.Responses([.. group.Select(i => responses[i])], BatchShape.Packed, headOnResponseOnly: true, 0, 0,
            balanceRealTokensOnly: false);
        Tensor sums = NetworkScorer.Sums(network, new DeviceBatch(rows, mode, network.Device), logitsBudget); // (S)
        Tensor weights = HostCopy.To(tensor(Array.ConvertAll(group, i => responses[i].Weight)), sums.device); // (S)
        totals[0] += (sums.to(ScalarType.Float64) * weights).sum().item<double>();
        totals[1] += rows.LossTokens.Select((tokens, i) => responses[group[i]].Weight * tokens).Sum();
    }
}
