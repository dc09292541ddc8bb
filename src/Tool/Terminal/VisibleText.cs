using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tool.Terminal;

/// <summary>Text of data, models and files as a terminal may have it: what would command it is shown as its code.</summary>
internal static class VisibleText
{
    /// <summary>The text with control and direction characters as codes, such as <c>\u001b</c>; line ends and tabs stay.</summary>
    public static string Of(string text)
    {
        if (!text.EnumerateRunes().Any(Commands) && !HasLoneSurrogates(text))
            return text;
        StringBuilder visible = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Commands(rune))
                visible.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                visible.Append(rune.ToString());
        }
        return visible.ToString();
    }

    /// <summary>The text in one line: line ends as <c>↵</c>, tabs as spaces.</summary>
    public static string OneLine(string text) =>
        Of(text.Replace("\r\n", "↵", StringComparison.Ordinal).Replace('\n', '↵').Replace('\t', ' '));

    // half a character: what a terminal makes of it is its own
    private static bool HasLoneSurrogates(string text) => text.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar);

    private static bool Commands(Rune rune) => rune.Value is not ('\n' or '\t') && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
