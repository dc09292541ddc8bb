namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>A model that decodes, and how long.</summary>
internal sealed record DecodingShape(int Hidden, int Layers, int Tokens, int Threads, int Rounds);
