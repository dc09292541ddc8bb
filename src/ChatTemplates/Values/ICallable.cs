namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A value that a template can call.</summary>
internal interface ICallable
{
    object? Call(RenderContext context, CallArguments arguments);
}
