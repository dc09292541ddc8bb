namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>Text that the <c>safe</c> or <c>escape</c> filter has marked as HTML: what is added to it is escaped.</summary>
internal sealed class MarkupText(string text)
{
    public string Text { get; } = text;

    /// <summary>The text with the five characters of HTML replaced.</summary>
    public static string Escape(RenderContext context, string text)
    {
        if (text.AsSpan().IndexOfAny("&<>\"'") < 0)
            return text;
        context.ChargeText(text.Length * 5L);
        return text.Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal)
            .Replace("\"", "&#34;", StringComparison.Ordinal);
    }
}
