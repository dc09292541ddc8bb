namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>An answer that says what went wrong.</summary>
internal sealed record ErrorBody(ApiError Error);
