namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>A template's text with line ends made alike, and where its lines are.</summary>
internal sealed class TemplateSource
{
    public TemplateSource(string source)
    {
        Text = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');

        // one line end at the very end is the file's, not the template's
        if (Text.EndsWith('\n'))
            Text = Text[..^1];
    }

    public string Text { get; }

    public TemplateException Error(string reason, int offset)
    {
        offset = Math.Clamp(offset, 0, Text.Length);
        int line = 1 + Text.AsSpan(0, offset).Count('\n');
        int column = offset - Text.AsSpan(0, offset).LastIndexOf('\n');
        return new TemplateException(reason, line, column);
    }
}
