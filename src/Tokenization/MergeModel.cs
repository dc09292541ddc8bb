namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>The <c>model</c> of tokenizer.json: byte pair encoding over the byte-level alphabet.</summary>
/// <param name="Vocabulary">Tokens, in the alphabet's characters, and their ids.</param>
/// <param name="Merges">Pairs of tokens that merge, the first in the list first.</param>
/// <param name="UnknownToken">The token for bytes that the vocabulary lacks; without one such bytes are left out, as the reference does.</param>
/// <param name="FusesUnknown">Whether unknown bytes that follow each other are one token.</param>
/// <param name="IgnoresMerges">Whether a word that is a token is taken whole, whatever the merges say.</param>
internal sealed record MergeModel(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<(string Left, string Right)> Merges,
    string? UnknownToken,
    bool FusesUnknown,
    bool IgnoresMerges);
