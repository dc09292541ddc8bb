using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.References;

/// <summary>The reference's log-probabilities of every pair, computed once before training.</summary>
internal sealed class PrecomputedReference(double[] chosen, double[] rejected) : IReferenceLogProbs
{
    private const int BatchesBetweenAgreements = 8; // in lockstep the rank with the longest batch would set the pace of each

    /// <summary>Sums of the chosen sides by pair, nats; where sequences are summed in heads and tails, those of the tails follow all heads.</summary>
    public IReadOnlyList<double> Chosen => chosen;

    /// <summary>Sums of the rejected sides by pair, nats, in the same order.</summary>
    public IReadOnlyList<double> Rejected => rejected;

    /// <summary>Runs the reference over all pairs; of several processes each takes its part, and all get all.</summary>
    /// <param name="network">The reference.</param>
    /// <param name="groups">Batches of pair indices that cover every pair once, the same on all ranks.</param>
    /// <param name="build">Lays out a batch as training does.</param>
    /// <param name="mode">The element type of matrix products, the policy's.</param>
    /// <param name="logitsBudget">The most elements that logits may have at once.</param>
    /// <param name="communicator">Connects the processes that train together.</param>
    /// <param name="cancellation">Ends the run between batches, that of all ranks together.</param>
    /// <param name="passes">Runs the batches, in halves where they do not fit into memory.</param>
    /// <exception cref="TrainingCancelledException">It was cancelled, here or on another rank.</exception>
    public static PrecomputedReference Compute(
        MiniMindNetwork network, IReadOnlyList<int[]> groups, Func<int[], BatchRows> build, ComputeMode mode, long logitsBudget, ICommunicator communicator,
            CancellationToken cancellation,
        ForwardPasses passes)
    {
        List<double> sums = []; // of this rank's pairs in order: chosen, rejected, and so on for further parts
        void Pass(int[] pairs)
        {
            using DisposeScope scope = NewDisposeScope();
            double[] both = NetworkScorer.Sums(network, new DeviceBatch(build(pairs), mode, network.Device), logitsBudget).cpu().data<double>().ToArray();
            for (int i = 0; i < pairs.Length; i++)
            {
                for (int side = i; side < both.Length; side += pairs.Length)
                    sums.Add(both[side]);
            }
        }

        Shard own = ShardPlan.Part(groups.Count, communicator.Size, communicator.Rank);
        int most = ShardPlan.Part(groups.Count, communicator.Size, 0).Count; // of a rank's batches: all come to the same agreements
        void Agree() => CancellationAgreement.ThrowIfCancelled(communicator, "the reference's log-probabilities were computed", cancellation);
        for (int i = 0; i < most; i++)
        {
            if (i % BatchesBetweenAgreements == 0)
                Agree();
            if (i >= own.Count || cancellation.IsCancellationRequested)
                continue; // nothing is left to do until the next agreement
            communicator.Activity.Report($"the reference's log-probabilities, batch {i + 1} of {own.Count}");
            passes.Run(groups[own.Start + i], Pass);
        }
        Agree();

        double[] all = [.. communicator.AllGather(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(sums)))
            .SelectMany(part => MemoryMarshal.Cast<byte, double>(part).ToArray())];
        int[] order = [.. groups.SelectMany(group => group)];
        int parts = order.Length == 0 ? 1 : all.Length / (2 * order.Length);
        (double[] chosen, double[] rejected) = (new double[parts * order.Length], new double[parts * order.Length]);
        for (int i = 0; i < order.Length; i++)
        {
            for (int part = 0; part < parts; part++)
            {
                int from = 2 * (parts * i + part), to = part * order.Length + order[i];
                (chosen[to], rejected[to]) = (all[from], all[from + 1]);
            }
        }
        return new PrecomputedReference(chosen, rejected);
    }

    public Tensor Sums(DeviceBatch batch, int[] examples)
    {
        int B = examples.Length, parts = batch.SumCount / batch.SequenceCount, all = chosen.Length / parts;
        double[] sums = new double[2 * parts * B];
        for (int part = 0; part < parts; part++)
        {
            for (int i = 0; i < B; i++)
            {
                int from = part * all + examples[i], to = 2 * part * B + i;
                (sums[to], sums[to + B]) = (chosen[from], rejected[from]);
            }
        }
        return HostCopy.To(tensor(sums), batch.LossTokens.device); // (sums)
    }
}
