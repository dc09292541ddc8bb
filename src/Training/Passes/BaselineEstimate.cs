using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Training.Passes;

/// <summary>
/// KTO's baseline z of a step: max(0, mean of log pi - log ref) over the step's prompts with answers to other prompts. It is the same however the step is cut
/// into passes and ranks.
/// </summary>
/// <param name="rows">The answers of the data.</param>
/// <param name="options">How batches are laid out and computed.</param>
/// <param name="cut">Cuts rows into forward passes, in order.</param>
/// <param name="communicator">Connects the processes that train together; each runs its part.</param>
/// <param name="passes">Runs the passes, in halves where they do not fit into memory.</param>
internal sealed class BaselineEstimate(
    IReadOnlyList<FeedbackExample> rows, BatchOptions options, Func<IReadOnlyList<Response>, IReadOnlyList<int[]>> cut, ICommunicator communicator, ForwardPasses passes)
{
    private readonly int _longest = rows.Max(row => row.Response.NeededLength); // so that mismatched rows need no more memory than the data's own

    /// <summary>The baseline, nats; every rank calls it with the same rows, and gets the same to the last bit.</summary>
    /// <param name="policy">What is trained.</param>
    /// <param name="reference">What it is compared with.</param>
    /// <param name="group">The rows of the step, of all ranks.</param>
    public double Of(MiniMindNetwork policy, MiniMindNetwork reference, int[] group)
    {
        IReadOnlyList<Response> mismatched = MismatchedRows.Of(rows, group, _longest);
        if (mismatched.Count == 0)
            return 0;
        Shard own = ShardPlan.Part(mismatched.Count, communicator.Size, communicator.Rank);
        Response[] part = [.. mismatched.Skip(own.Start).Take(own.Count)];
        double[] sum = [0];
        foreach (int[] pass in cut(part))
        {
            passes.Run(pass, chosen =>
            {
                using DisposeScope scope = torch.NewDisposeScope();
                BatchRows laidOut = BatchBuilder.Responses([.. chosen.Select(i => part[i])], options.Shape, options.HeadOnResponseOnly,
                    options.MaximumLength, options.Padding, options.BalanceRealTokensOnly);
                DeviceBatch batch = new(laidOut, options.Mode, policy.Device);
                torch.Tensor ours = NetworkScorer.Sums(policy, batch, options.LogitsBudget); // (S)
                sum[0] += (ours - NetworkScorer.Sums(reference, batch, options.LogitsBudget)).sum().item<double>();
            });
        }
        RankSums.Complete(communicator, sum, whole: true);
        return Math.Max(0, sum[0] / mismatched.Count);
    }
}
