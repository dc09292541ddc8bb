using System.Text;

namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>Writes a page. What is not a constant of this code comes in as text only, and never into a tag.</summary>
internal sealed class HtmlWriter
{
    /// <summary>The most characters of one text.</summary>
    public const int MostCharacters = 20_000;

    private readonly StringBuilder _html = new();

    /// <summary>Markup of this code's own.</summary>
    /// <param name="constant">A constant; nothing that was read.</param>
    public HtmlWriter Markup(string constant)
    {
        _html.Append(constant);
        return this;
    }

    /// <summary>Text, in a direction of its own, so that it cannot turn what stands around it.</summary>
    public HtmlWriter Text(string text) => Markup("<bdi>").Plain(text).Markup("</bdi>");

    /// <summary>Text of this code's own, with values that cannot turn anything.</summary>
    public HtmlWriter Plain(string text) => Markup(VisibleText.Of(text, MostCharacters));

    /// <summary>A block of text whose line ends and spaces are kept.</summary>
    /// <param name="text">The text.</param>
    /// <param name="kind">A class of this code's style sheet.</param>
    /// <remarks>A browser leaves out a line feed that begins a block, so that one more is written there.</remarks>
    public HtmlWriter Block(string text, string kind = "text") => Markup($"<pre class=\"{kind}\" dir=\"auto\">")
        .Markup(text.StartsWith('\n') ? "\n" : "").Plain(text).Markup("</pre>\n");

    /// <summary>A paragraph of this code's own words.</summary>
    public HtmlWriter Paragraph(string text) => Markup("<p>").Plain(text).Markup("</p>\n");

    /// <summary>Says that a part is not there.</summary>
    public HtmlWriter Missing(string text) => Markup("<p class=\"missing\">").Plain(text).Markup("</p>\n");

    /// <summary>A heading of a part.</summary>
    public HtmlWriter Heading(string text) => Markup("<h2>").Plain(text).Markup("</h2>\n");

    /// <summary>A table of names and values; rows whose value is <see langword="null"/> are left out.</summary>
    public HtmlWriter Facts(IEnumerable<(string Name, string? Value)> facts)
    {
        Markup("<div class=\"wide\" tabindex=\"0\"><table class=\"facts\">\n");
        foreach ((string name, string? value) in facts)
        {
            if (value is not null)
                Markup("<tr><th scope=\"row\">").Text(name).Markup("</th><td>").Text(value).Markup("</td></tr>\n");
        }
        return Markup("</table></div>\n");
    }

    /// <summary>A table with a head.</summary>
    public HtmlWriter Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        Markup("<div class=\"wide\" tabindex=\"0\"><table class=\"numbers\">\n<tr>");
        foreach (string name in head)
            Markup("<th scope=\"col\">").Plain(name).Markup("</th>");
        Markup("</tr>\n");
        foreach (IReadOnlyList<string> row in rows)
        {
            Markup("<tr>");
            foreach (string cell in row)
                Markup("<td>").Text(cell).Markup("</td>");
            Markup("</tr>\n");
        }
        return Markup("</table></div>\n");
    }

    /// <summary>All that was written.</summary>
    public override string ToString() => _html.ToString();
}
