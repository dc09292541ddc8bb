namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>An added token found in a text, and the range that it takes there, stripped white space included.</summary>
internal readonly record struct AddedTokenMatch(AddedToken Token, int Start, int End);
