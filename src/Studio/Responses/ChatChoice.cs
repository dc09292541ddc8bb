using System.Text.Json.Serialization;

namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>The one answer of a request.</summary>
internal sealed record ChatChoice(
    int Index, AssistantMessage Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogProbs? Logprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);
