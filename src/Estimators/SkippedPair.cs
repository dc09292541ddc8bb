namespace MiniMind.MLNet.Dpo;

/// <summary>A pair that was left out of training.</summary>
/// <param name="Line">Its line in the file, or its row counted from 1 where the data has no line numbers.</param>
/// <param name="Reason">Why.</param>
public sealed record SkippedPair(long Line, string Reason);
