namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>A whole answer in a conversation.</summary>
internal sealed record ChatCompletion(string Id, string Object, long Created, string Model, IReadOnlyList<ChatChoice> Choices, Usage? Usage);
