using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>Text from data and models as a page shows it: every character is seen, and none acts.</summary>
internal static class VisibleText
{
    private const int ZeroWidthNonJoiner = 0x200C, ZeroWidthJoiner = 0x200D; // parts of words and emoji

    /// <summary>The text for the inside of an HTML element: markup as references, control and direction characters as their codes.</summary>
    /// <param name="text">The text; line feeds and tabs stay.</param>
    /// <param name="most">The most characters that are shown.</param>
    public static string Of(string text, int most = int.MaxValue)
    {
        StringBuilder visible = new(Math.Min(text.Length, 1024));
        int shown = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (shown++ == most)
            {
                visible.Append(CultureInfo.InvariantCulture, $"… ({text.EnumerateRunes().Count() - most:N0} more characters)");
                break;
            }
            switch (rune.Value)
            {
                case '&': visible.Append("&amp;"); break;
                case '<': visible.Append("&lt;"); break;
                case '>': visible.Append("&gt;"); break;
                case '"': visible.Append("&quot;"); break;
                case '\'': visible.Append("&#39;"); break;
                case '\n' or '\t' or ZeroWidthJoiner or ZeroWidthNonJoiner: visible.Append(rune.ToString()); break;
                default: Append(visible, rune); break;
            }
        }
        return visible.ToString();
    }

    private static void Append(StringBuilder visible, Rune rune)
    {
        bool hidden = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
        if (hidden)
            visible.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
        else
            visible.Append(rune.ToString());
    }
}
