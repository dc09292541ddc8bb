namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Divides an epoch's pairs among the ranks so that n processes with batch b take the steps of one process with batch n * b.</summary>
/// <remarks>
/// A global batch is a run of pairs in the epoch's order, cut into one contiguous part per rank, in rank order. The last batch may
/// be short: it is divided as evenly as can be, and <see cref="Shard.Weight"/> keeps its mean right. Positions count pairs, not steps,
/// so an epoch begun with one number of ranks goes on with another from the position that was saved.
/// </remarks>
public sealed class ShardPlan
{
    private readonly int _pairs;
    private readonly int _globalBatch;
    private readonly int _ranks;
    private readonly int _first;

    /// <summary>Plans an epoch.</summary>
    /// <param name="pairs">How many pairs the epoch has.</param>
    /// <param name="batchPerRank">How many pairs a rank takes per step.</param>
    /// <param name="ranks">How many ranks there are.</param>
    /// <param name="first">The position to begin at, for a run that goes on from a checkpoint.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public ShardPlan(int pairs, int batchPerRank, int ranks, int first = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pairs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchPerRank);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, pairs);
        _pairs = pairs;
        _globalBatch = checked(batchPerRank * ranks);
        _ranks = ranks;
        _first = first;
    }

    /// <summary>How many global batches there are; every rank takes part in each.</summary>
    public int Steps => (_pairs - _first + _globalBatch - 1) / _globalBatch;

    /// <summary>A rank's part of a global batch.</summary>
    public Shard this[int step, int rank]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(step);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(step, Steps);
            int start = _first + (step * _globalBatch);
            int count = Math.Min(_globalBatch, _pairs - start);
            Shard part = Part(count, _ranks, rank);
            return part with { Start = start + part.Start };
        }
    }

    /// <summary>A rank's contiguous part of a number of pairs, the parts as even as can be and in rank order; for evaluation and precomputed references.</summary>
    public static Shard Part(int count, int ranks, int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, ranks);
        (int each, int more) = Math.DivRem(count, ranks);
        return new Shard((rank * each) + Math.Min(rank, more), each + (rank < more ? 1 : 0), count);
    }
}
