namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>How a model writes calls of tools: JSON objects between marks.</summary>
/// <param name="Open">What stands before a call, or before the list of them; empty where an answer that is a call has nothing but its JSON.</param>
/// <param name="Close">What stands behind it; may be empty.</param>
/// <param name="IsList">Whether the calls of an answer are one JSON list.</param>
/// <param name="Name">The key of the tool's name.</param>
/// <param name="Arguments">The key of the arguments.</param>
/// <param name="OtherKeys">Further keys that a call has.</param>
internal sealed record ToolCallFormat(string Open, string Close, bool IsList, string Name, string Arguments, IReadOnlyList<string> OtherKeys);
