namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>A parameter of a macro.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Number">The number of its name.</param>
/// <param name="Default">What it is when not given, if the macro says so.</param>
internal sealed record Parameter(string Name, int Number, Expression? Default);
