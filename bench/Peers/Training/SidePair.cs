namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>A pair's sides.</summary>
internal sealed record SidePair(Side Chosen, Side Rejected);
