namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>Byte pair encoding, over the byte-level alphabet or over characters.</summary>
/// <param name="Vocabulary">See <see cref="TokenModel"/>.</param>
/// <param name="Merges">Pairs of tokens that merge, the first in the list first.</param>
/// <param name="UnknownToken">See <see cref="TokenModel"/>.</param>
/// <param name="FusesUnknown">Whether unknown bytes or characters that follow each other are one token.</param>
/// <param name="IgnoresMerges">Whether a word that is a token is taken whole, whatever the merges say.</param>
/// <param name="FallsBackToBytes">See <see cref="TokenModel"/>.</param>
internal sealed record MergeModel(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<(string Left, string Right)> Merges,
    string? UnknownToken,
    bool FusesUnknown,
    bool IgnoresMerges,
    bool FallsBackToBytes = false) : TokenModel(Vocabulary, UnknownToken, FallsBackToBytes)
{
    /// <summary>The model with the merges that can apply to bytes: a token with characters outside of the alphabet never comes out of them.</summary>
    public MergeModel OfBytes() => this with { Merges = [.. Merges.Where(merge => IsBytes(merge.Left) && IsBytes(merge.Right))] };

    private static bool IsBytes(string token) => token.Length > 0 && ByteLevelAlphabet.Covers(token);
}
