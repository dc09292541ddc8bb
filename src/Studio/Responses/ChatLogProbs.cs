using System.Text.Json.Serialization;

namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>The log-probabilities of an answer's tokens.</summary>
internal sealed record ChatLogProbs(
    IReadOnlyList<TokenLogProb> Content, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal);
