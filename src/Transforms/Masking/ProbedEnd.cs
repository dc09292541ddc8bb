namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>What stands behind an answer's content.</summary>
/// <param name="Symbols">The symbols, up to the next content or the end of the text.</param>
/// <param name="EndsText">Whether the text ends with them.</param>
/// <param name="Marked">How many of them a generation mark holds, or <see langword="null"/> where there is none.</param>
internal sealed record ProbedEnd(int[] Symbols, bool EndsText, int? Marked);
