using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Renders conversations that a template may refuse.</summary>
internal static class SafeRendering
{
    /// <summary>The text and its marks; <see langword="null"/> where the template refuses the conversation.</summary>
    public static RenderedChat? Of(ChatTemplate template, string messagesJson, ChatTemplateOptions options)
    {
        try
        {
            return template.RenderWithSpans(messagesJson, options);
        }
        catch (ChatTemplateException)
        {
            return null;
        }
    }

    /// <summary>Why the template refuses a user's message and its answer; <see langword="null"/> where it does not.</summary>
    public static string? RefusalOf(ChatTemplate template, ChatTemplateOptions options)
    {
        try
        {
            template.RenderWithSpans(ProbeMessages.Json(new Probe("ua"), hasTextArguments: false), options);
            return null;
        }
        catch (ChatTemplateException refusal)
        {
            return refusal.Message;
        }
    }
}
