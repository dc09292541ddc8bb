namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>How many tokens a request took.</summary>
internal sealed record Usage(long PromptTokens, long CompletionTokens, long TotalTokens);
