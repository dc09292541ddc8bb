namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>A call's function.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">A JSON object, as text.</param>
internal sealed record FunctionBody(string Name, string Arguments);
