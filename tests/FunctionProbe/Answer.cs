namespace MiniMind.MLNet.Dpo.FunctionProbe;

/// <summary>What came.</summary>
/// <param name="Text">The response's text.</param>
/// <param name="Finish">Its finish reason.</param>
/// <param name="Roles">The roles of its messages.</param>
/// <param name="Prompts">What the model was given to read, request by request.</param>
internal sealed record Answer(string Text, string? Finish, string[] Roles, string[] Prompts);
