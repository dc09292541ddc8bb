namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>The <c>model</c> of tokenizer.json: what makes tokens of words.</summary>
/// <param name="Vocabulary">Tokens, as tokenizer.json writes them, and their ids.</param>
/// <param name="UnknownToken">The token for what the vocabulary lacks; without one it is left out, as the reference does.</param>
/// <param name="FallsBackToBytes">Whether a character that is no token becomes the tokens of its bytes, such as <c>&lt;0xE4&gt;</c>.</param>
internal abstract record TokenModel(IReadOnlyDictionary<string, int> Vocabulary, string? UnknownToken, bool FallsBackToBytes);
