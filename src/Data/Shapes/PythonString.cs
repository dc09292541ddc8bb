using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Reads a string literal of Python: its quotes and its escapes.</summary>
internal static class PythonString
{
    private const string Escapes = "\\'\"abfnrtv";
    private const string Escaped = "\\'\"\a\b\f\n\r\t\v";

    /// <summary>The text of the literal at a place, which moves behind it; null where it is none or unfinished.</summary>
    public static string? Read(string text, ref int at)
    {
        char quote = text[at];
        if (quote is not ('\'' or '"'))
            return null;
        StringBuilder value = new();
        for (int i = at + 1; i < text.Length; i++)
        {
            if (text[i] == quote)
            {
                string result = value.ToString();
                if (!IsWellFormed(result))
                    return null;
                at = i + 1;
                return result;
            }
            if (text[i] != '\\')
                value.Append(text[i]);
            else if (!Escape(text, ref i, value))
                return null;
        }
        return null;
    }

    // Leaves the place on the escape's last character.
    private static bool Escape(string text, ref int at, StringBuilder value)
    {
        if (++at >= text.Length)
            return false;
        char escape = text[at];
        int known = Escapes.IndexOf(escape, StringComparison.Ordinal);
        if (known >= 0)
        {
            value.Append(Escaped[known]);
            return true;
        }
        if (escape is 'x' or 'u' or 'U')
            return Code(text, ref at, escape switch { 'x' => 2, 'u' => 4, _ => 8 }, value);
        if (escape is >= '0' and <= '7')
        {
            int code = 0, end = Math.Min(text.Length, at + 3);
            for (; at < end && text[at] is >= '0' and <= '7'; at++)
                code = (8 * code) + (text[at] - '0');
            at--;
            value.Append((char)code);
            return true;
        }
        if (escape == '\n')
            return true;
        if (escape == 'N')
            return false;
        value.Append('\\').Append(escape); // Python keeps an escape that it does not know
        return true;
    }

    private static bool Code(string text, ref int at, int digits, StringBuilder value)
    {
        if (at + digits >= text.Length
            || !int.TryParse(text.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
            || code is < 0 or > 0x10FFFF)
        {
            return false;
        }

        at += digits;
        if (code > 0xFFFF)
            value.Append(char.ConvertFromUtf32(code));
        else
            value.Append((char)code);
        return true;
    }

    private static bool IsWellFormed(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar && !text.Contains('\uFFFD'))
                return false;
        }
        return true;
    }
}
