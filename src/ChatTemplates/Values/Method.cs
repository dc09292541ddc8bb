namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A method of a built-in type.</summary>
/// <param name="Name">The name in templates.</param>
/// <param name="Body">Computes the result from the value it is called on and the arguments.</param>
internal sealed record Method(string Name, Func<RenderContext, object, CallArguments, object?> Body);
