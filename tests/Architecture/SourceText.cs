using System.Text;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>C# source reduced to what names types: comments and the contents of literals are blanked out, holes of interpolated strings stay.</summary>
internal static class SourceText
{
    /// <summary>The source with every comment and literal text replaced by spaces; line breaks stay where they are.</summary>
    public static string CodeOnly(string source)
    {
        StringBuilder code = new(source);
        ScanCode(source, 0, code, stopAtBrace: false, braces: 1);
        return code.ToString();
    }

    // Walks over code until the source ends, or until the closing braces of an interpolation hole; returns the offset there.
    private static int ScanCode(string source, int at, StringBuilder code, bool stopAtBrace, int braces)
    {
        int depth = 0;
        while (at < source.Length)
        {
            char c = source[at];
            if (stopAtBrace && c == '}' && depth == 0)
                return at + braces;
            if (c is '{' or '(' or '[')
                depth++;
            else if (c is '}' or ')' or ']')
                depth--;

            if (Starts(source, at, "//"))
                at = Blank(code, at, EndOf(source, at, "\n"));
            else if (Starts(source, at, "/*"))
                at = Blank(code, at, EndOf(source, at + 2, "*/") + 2);
            else if (c == '\'')
                at = Blank(code, at, EndOfEscaped(source, at + 1, '\'') + 1);
            else if (c == '"' || (c is '$' or '@' && IsLiteralPrefix(source, at)))
                at = ScanString(source, at, code);
            else
                at++;
        }
        return at;
    }

    private static bool IsLiteralPrefix(string source, int at)
    {
        int end = at;
        while (end < source.Length && source[end] is '$' or '@')
            end++;
        return end < source.Length && source[end] == '"';
    }

    private static int ScanString(string source, int start, StringBuilder code)
    {
        int at = start, dollars = 0;
        bool verbatim = false;
        for (; source[at] != '"'; at++)
        {
            dollars += source[at] == '$' ? 1 : 0;
            verbatim |= source[at] == '@';
        }
        int quotes = at;
        while (quotes < source.Length && source[quotes] == '"')
            quotes++;
        quotes -= at;
        if (quotes == 2)
            return Blank(code, start, at + 2);
        bool raw = quotes >= 3;
        string closing = new('"', raw ? quotes : 1);
        int blanked = start;
        for (at += closing.Length; at < source.Length;)
        {
            if (!raw && !verbatim && source[at] == '\\')
            {
                at += 2;
            }
            else if (verbatim && Starts(source, at, "\"\""))
            {
                at += 2;
            }
            else if (Starts(source, at, closing))
            {
                return Blank(code, blanked, at + closing.Length);
            }
            else if (dollars > 0 && source[at] == '{')
            {
                int run = 0;
                while (at + run < source.Length && source[at + run] == '{')
                    run++;
                at += run;
                bool hole = raw ? run >= dollars : run % 2 == 1;
                if (!hole)
                    continue;
                Blank(code, blanked, at);
                blanked = at = ScanCode(source, at, code, stopAtBrace: true, braces: raw ? dollars : 1);
                Blank(code, at - (raw ? dollars : 1), at);
            }
            else
            {
                at++;
            }
        }
        return Blank(code, blanked, source.Length);
    }

    private static bool Starts(string source, int at, string text) => string.CompareOrdinal(source, at, text, 0, text.Length) == 0;

    private static int EndOf(string source, int at, string text)
    {
        int end = source.IndexOf(text, Math.Min(at, source.Length), StringComparison.Ordinal);
        return end < 0 ? source.Length : end;
    }

    private static int EndOfEscaped(string source, int at, char quote)
    {
        while (at < source.Length && source[at] != quote)
            at += source[at] == '\\' ? 2 : 1;
        return at;
    }

    private static int Blank(StringBuilder code, int start, int end)
    {
        end = Math.Min(end, code.Length);
        for (int i = start; i < end; i++)
        {
            if (code[i] != '\n')
                code[i] = ' ';
        }
        return end;
    }
}
