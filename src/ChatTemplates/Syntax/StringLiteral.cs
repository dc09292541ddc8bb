using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>Reads string literals with Python's escapes.</summary>
internal static class StringLiteral
{
    /// <summary>Reads the literal whose opening quote is at <paramref name="start"/>; <paramref name="next"/> is what comes after its closing quote.</summary>
    public static Token Read(TemplateSource source, int start, out int next)
    {
        string text = source.Text;
        char quote = text[start];
        StringBuilder value = new();
        int at = start + 1;
        while (at < text.Length && text[at] != quote)
        {
            if (text[at] == '\\')
                at = ReadEscape(source, value, at);
            else
                value.Append(text[at++]);
        }
        if (at >= text.Length)
            throw source.Error("the string that begins here has no end", start);
        next = at + 1;
        return new Token(TokenKind.String, start, value.ToString());
    }

    // appends what the escape at the backslash stands for, and returns where it ends
    private static int ReadEscape(TemplateSource source, StringBuilder value, int backslash)
    {
        string text = source.Text;
        if (backslash + 1 == text.Length)
            return text.Length;
        char escape = text[backslash + 1];
        int next = backslash + 2;
        const string Letters = "\\'\"abfnrtv";
        const string Meanings = "\\'\"\a\b\f\n\r\t\v";
        int known = Letters.IndexOf(escape, StringComparison.Ordinal);
        if (known >= 0)
        {
            value.Append(Meanings[known]);
            return next;
        }
        switch (escape)
        {
            case '\n':
                return next;
            case 'x':
                return AppendCode(source, value, backslash, 2);
            case 'u':
                return AppendCode(source, value, backslash, 4);
            case 'U':
                return AppendCode(source, value, backslash, 8);
            case 'N':
                throw source.Error("the escape \\N{name} is not supported; write the character itself", backslash);
            case >= '0' and <= '7':
                int code = 0;
                for (next = backslash + 1; next < text.Length && next < backslash + 4 && text[next] is >= '0' and <= '7'; next++)
                    code = code * 8 + (text[next] - '0');
                value.Append((char)code);
                return next;
            case > '\x7f':
                return AppendEscapedUnicode(value, text, backslash + 1);
            default:
                value.Append('\\').Append(escape);
                return next;
        }
    }

    private static int AppendCode(TemplateSource source, StringBuilder value, int backslash, int digits)
    {
        string text = source.Text;
        int start = backslash + 2;
        if (start + digits > text.Length
            || !int.TryParse(text.AsSpan(start, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code))
        {
            throw source.Error($"the escape \\{text[backslash + 1]} needs {digits} hexadecimal digits", backslash);
        }

        if (!Rune.TryCreate(code, out Rune rune))
            throw source.Error($"the escape {text.AsSpan(backslash, digits + 2)} is no character", backslash);
        value.Append(rune.ToString());
        return start + digits;
    }

    // Jinja turns what is not ASCII into escapes before it reads escapes: a backslash before it makes those plain text
    private static int AppendEscapedUnicode(StringBuilder value, string text, int at)
    {
        int width = Python.PythonText.WidthAt(text, at);
        int code = width == 2 ? char.ConvertToUtf32(text, at) : text[at];
        string digits = code < 0x100 ? $"x{code:x2}" : code < 0x10000 ? $"u{code:x4}" : $"U{code:x8}";
        value.Append('\\').Append(digits);
        return at + width;
    }
}
