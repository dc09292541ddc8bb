namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Divides examples among ranks: a step's, those of an evaluation, those of a precomputed reference.</summary>
public static class ShardPlan
{
    /// <summary>A rank's part; the parts are as even as can be, in rank order, and together everything.</summary>
    /// <param name="count">How many examples there are.</param>
    /// <param name="ranks">How many ranks.</param>
    /// <param name="rank">The rank, from 0.</param>
    public static Shard Part(int count, int ranks, int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, ranks);
        (int each, int more) = Math.DivRem(count, ranks);
        return new Shard((rank * each) + Math.Min(rank, more), each + (rank < more ? 1 : 0));
    }
}
