namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>A token and the part of the text that it stands for.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Start">Where its text starts, in UTF-16 positions (<see cref="string"/> indices) of the text that was encoded.</param>
/// <param name="Length">The length of its text in UTF-16 positions; a token that holds part of a character's bytes has the whole character, a token that the
/// tokenizer put in has none.</param>
public readonly record struct TokenSpan(int Id, int Start, int Length);
