namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>One rank's contiguous part of a number of examples.</summary>
/// <param name="Start">The position of its first example.</param>
/// <param name="Count">How many there are; 0 where there are fewer examples than ranks.</param>
public readonly record struct Shard(int Start, int Count);
