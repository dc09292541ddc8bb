namespace MiniMind.MLNet.Dpo.Judging;

/// <summary>An answer to compare, or why there is none.</summary>
/// <param name="Text">The answer; <see langword="null"/> where it failed.</param>
/// <param name="Fault">Why it failed.</param>
internal readonly record struct GivenAnswer(string? Text, string? Fault);
