namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>Tokens with log-probabilities, of which a word gets the most probable sequence (Kudo 2018, arXiv 1804.10959).</summary>
/// <param name="Vocabulary">See <see cref="TokenModel"/>.</param>
/// <param name="Scores">Every token's log-probability by id.</param>
/// <param name="UnknownId">The id for characters that no token has; without one such a character is an error.</param>
/// <param name="UnknownToken">See <see cref="TokenModel"/>.</param>
/// <param name="FallsBackToBytes">See <see cref="TokenModel"/>.</param>
internal sealed record UnigramModel(
    IReadOnlyDictionary<string, int> Vocabulary, IReadOnlyList<double> Scores, int? UnknownId, string? UnknownToken, bool FallsBackToBytes)
    : TokenModel(Vocabulary, UnknownToken, FallsBackToBytes);
