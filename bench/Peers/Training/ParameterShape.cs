namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>A weight's name in MiniMind's state dict, and its shape.</summary>
internal sealed record ParameterShape(string Name, long[] Shape);
