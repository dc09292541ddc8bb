using System.Text.Json.Serialization;

namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>An answer's message.</summary>
/// <param name="Role">Always <c>assistant</c>.</param>
/// <param name="Content">Its text; <see langword="null"/> where it only calls tools.</param>
/// <param name="ReasoningContent">What the model thought before; not OpenAI's, but what servers of open models give.</param>
/// <param name="ToolCalls">What it calls.</param>
/// <param name="Refusal">Always <see langword="null"/>: clients expect the field.</param>
internal sealed record AssistantMessage(
    string Role,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content,
    string? ReasoningContent,
    IReadOnlyList<ToolCallBody>? ToolCalls,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal);
