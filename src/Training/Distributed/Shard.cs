namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>One rank's part of one global batch.</summary>
/// <param name="Start">The position, in the epoch's order, of the first pair; the part is contiguous.</param>
/// <param name="Count">How many pairs; 0 where the last batch has fewer pairs than there are ranks.</param>
/// <param name="GlobalCount">How many pairs the ranks have together.</param>
public readonly record struct Shard(int Start, int Count, int GlobalCount)
{
    /// <summary>What a mean over this part is multiplied by, so that the sum over the ranks is the mean over the global batch.</summary>
    public double Weight => (double)Count / GlobalCount;
}
