namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>An added token of the tokenizer that a chat template writes for.</summary>
/// <param name="Content">Its text.</param>
/// <param name="IsSpecial">Whether the tokenizer calls it special.</param>
internal readonly record struct TemplateToken(string Content, bool IsSpecial);
