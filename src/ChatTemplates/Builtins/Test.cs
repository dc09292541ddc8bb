using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>A test: what stands after <c>is</c>.</summary>
/// <param name="Name">The name in templates.</param>
/// <param name="Body">Whether the value passes, given the arguments.</param>
internal sealed record Test(string Name, Func<RenderContext, object?, CallArguments, bool> Body);
