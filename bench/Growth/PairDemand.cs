namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>Pairs to be loaded and prepared.</summary>
internal sealed record PairDemand(string Tokenizer, string Data, int Count, int Threads);
