using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Adds up what each rank measured of its part, so that all ranks decide by the same numbers.</summary>
public static class RankSums
{
    /// <summary>Replaces sums by those over all ranks, the same to the last bit everywhere; every rank calls it.</summary>
    /// <param name="communicator">Connects the ranks.</param>
    /// <param name="sums">This rank's sums, as many as on the others.</param>
    /// <param name="whole">Whether this rank measured its whole part.</param>
    /// <returns>Whether every rank did; the sums are of no use otherwise.</returns>
    public static bool Complete(ICommunicator communicator, Span<double> sums, bool whole)
    {
        double[] all = [.. sums, whole ? 0 : 1];
        communicator.AllReduce(all, ReduceOperation.Sum);
        communicator.Broadcast(MemoryMarshal.AsBytes(all.AsSpan()), root: 0); // the order of adding may differ from rank to rank
        all.AsSpan(0, sums.Length).CopyTo(sums);
        return all[^1] == 0;
    }
}
