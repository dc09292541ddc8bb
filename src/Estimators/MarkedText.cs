using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Text with marked pieces for people to read: in colour, or between brackets. No control character of the text comes through.</summary>
internal sealed class MarkedText(bool inColour)
{
    private const string Green = "\u001b[32m";
    private const string Plain = "\u001b[0m";

    /// <summary>Whether the console shows colours: it is none that output is redirected from, nobody asked for no colours, and it knows the codes.</summary>
    public static bool ConsoleHasColours => !Console.IsOutputRedirected && HasColours(Environment.GetEnvironmentVariable, OperatingSystem.IsWindows());

    /// <summary>Whether a terminal shows colours by its environment (https://no-color.org).</summary>
    public static bool HasColours(Func<string, string?> variable, bool isWindows)
    {
        if (!string.IsNullOrEmpty(variable("NO_COLOR")))
            return false;
        string? terminal = variable("TERM");
        return isWindows ? terminal is not null || variable("WT_SESSION") is not null
            || variable("ConEmuANSI") == "ON" : terminal is not (null or "" or "dumb");
    }

    /// <summary>What tells the marked pieces, for people.</summary>
    public string Legend => inColour ? $"what is trained on is {Green}green{Plain}" : "what is trained on stands between [[ and ]]";

    /// <summary>Pieces as lines with an indentation.</summary>
    /// <param name="pieces">The text in pieces, each marked or not.</param>
    /// <param name="indentation">What stands before every line.</param>
    public string Lines(IEnumerable<(string Text, bool IsMarked)> pieces, string indentation)
    {
        StringBuilder lines = new(indentation);
        foreach ((string text, bool isMarked) in pieces)
        {
            string[] parts = Visible(text).Split('\n');
            if (isMarked && !inColour)
                lines.Append("[[");
            for (int i = 0; i < parts.Length; i++)
            {
                if (i > 0)
                    lines.AppendLine().Append(indentation);
                // a colour ends with its line, so that whatever comes between lines has none
                if (isMarked && inColour && parts[i].Length > 0)
                    lines.Append(Green).Append(parts[i]).Append(Plain);
                else
                    lines.Append(parts[i]);
            }
            if (isMarked && !inColour)
                lines.Append("]]");
        }
        // a line end that ends the text begins no line
        string last = Environment.NewLine + indentation;
        string all = lines.ToString();
        return all.EndsWith(last, StringComparison.Ordinal) ? all[..^last.Length] : all;
    }

    /// <summary>The text with line ends that are seen and made, and control and direction characters as their codes.</summary>
    private static string Visible(string text)
    {
        StringBuilder visible = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value == '\n')
            {
                visible.Append("↵\n");
            }
            else if (
                Rune.GetUnicodeCategory(
                rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                visible.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                visible.Append(rune.ToString());
            }
        }
        return visible.ToString();
    }
}
