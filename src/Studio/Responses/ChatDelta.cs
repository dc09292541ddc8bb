namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>What a piece of a stream adds to the message.</summary>
internal sealed record ChatDelta(
    string? Role = null, string? Content = null, string? ReasoningContent = null, IReadOnlyList<ToolCallBody>? ToolCalls = null);
