using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>A piece of an answer.</summary>
/// <param name="Delta">What it adds.</param>
/// <param name="Tokens">The tokens of its text, where their log-probabilities were asked for.</param>
internal readonly record struct AnswerPiece(ChatDelta Delta, IReadOnlyList<TokenLogProb> Tokens);
