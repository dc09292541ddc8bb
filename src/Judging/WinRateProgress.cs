namespace MiniMind.MLNet.Dpo;

/// <summary>How far a comparison of answers has come.</summary>
/// <param name="Done">Answers and replies that are there, failed ones among them.</param>
/// <param name="Total">How many there will be.</param>
public readonly record struct WinRateProgress(int Done, int Total);
