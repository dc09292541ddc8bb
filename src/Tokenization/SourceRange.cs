namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>A range of UTF-16 positions in the text as it was given.</summary>
internal readonly record struct SourceRange(int Start, int End);
