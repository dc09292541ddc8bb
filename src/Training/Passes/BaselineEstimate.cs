using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using TorchSharp;
using static TorchSharp.torch;

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
    IReadOnlyList<FeedbackExample> rows, BatchOptions options, Func<IReadOnlyList<Response>, IReadOnlyList<int[]>> cut, ICommunicator communicator,
    ForwardPasses passes)
{
    private readonly int _longest = rows.Max(row => row.Response.NeededLength); // so that mismatched rows need no more memory than the data's own

    /// <summary>The baseline, nats, (), fp64, in the caller's scope; every rank calls it with the same rows, and gets the same to the last bit.</summary>
    /// <param name="policy">What is trained.</param>
    /// <param name="reference">What it is compared with.</param>
    /// <param name="group">The rows of the step, of all ranks.</param>
    public Tensor Of(MiniMindNetwork policy, MiniMindNetwork reference, int[] group)
    {
        using DisposeScope scope = NewDisposeScope();
        (IReadOnlyList<Response> mismatched, Response[] part) = Rows(group);
        Tensor sum = zeros(Array.Empty<long>(), dtype: ScalarType.Float64, device: policy.Device); // ()
        foreach (int[] pass in Passes(part))
            passes.Run(pass, chosen => sum.AddInPlace(Sum([.. chosen.Select(i => part[i])])));
        return Whole(sum).Div((double)Math.Max(1, mismatched.Count)).ClampMin(0).MoveToOuterDisposeScope();

        Tensor Sum(Response[] responses)
        {
            using DisposeScope inner = NewDisposeScope();
            DeviceBatch batch = new(LayOut(responses), options.Mode, policy.Device);
            Tensor ours = NetworkScorer.Sums(policy, batch, options.LogitsBudget); // (S)
            return (ours - NetworkScorer.Sums(reference, batch, options.LogitsBudget)).sum().MoveToOuterDisposeScope();
        }
    }

    /// <summary>What <see cref="Of"/> runs for a step.</summary>
    public ForwardDemand Demand(int[] group)
    {
        (IReadOnlyList<Response> mismatched, Response[] part) = Rows(group);
        return new ForwardDemand(
            mismatched.Sum(response => (long)response.InputIds.Length),
            [.. Passes(part).Select(pass => ResponseRows.Of([.. pass.Select(i => part[i])], options))]);
    }

    /// <summary>Lays out one of the passes of <see cref="Demand"/>.</summary>
    public BatchRows Build(int[] group, int pass)
    {
        Response[] part = Rows(group).Own;
        return LayOut([.. Passes(part)[pass].Select(i => part[i])]);
    }

    /// <summary>The mismatched rows of a step, and those that this rank runs.</summary>
    private (IReadOnlyList<Response> All, Response[] Own) Rows(int[] group)
    {
        IReadOnlyList<Response> mismatched = MismatchedRows.Of(rows, group, _longest);
        Shard own = ShardPlan.Part(mismatched.Count, communicator.Size, communicator.Rank);
        return (mismatched, [.. mismatched.Skip(own.Start).Take(own.Count)]);
    }

    private IReadOnlyList<int[]> Passes(Response[] part) => part.Length == 0 ? [] : cut(part);

    private BatchRows LayOut(Response[] responses) => BatchBuilder.Responses(
        responses, options.Shape, options.HeadOnResponseOnly, options.MaximumLength, options.Padding, options.BalanceRealTokensOnly);

    /// <summary>The sum over all ranks. One alone goes on without waiting for its device.</summary>
    private Tensor Whole(Tensor sum)
    {
        if (communicator.Size == 1)
            return sum;
        double[] sums = [sum.item<double>()];
        RankSums.Complete(communicator, sums, whole: true);
        return HostCopy.To(tensor(sums[0]), sum.device);
    }
}
