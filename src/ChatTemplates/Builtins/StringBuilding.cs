using System.Text;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The string methods that make text of text.</summary>
internal static class StringBuilding
{
    public static string Join(RenderContext context, string separator, object? iterable)
    {
        StringBuilder text = new();
        int index = 0;
        foreach (object? item in Iteration.Items(context, iterable))
        {
            if (!PythonText.TryGet(item, out string? part))
                throw context.Error($"sequence item {index}: expected str instance, {TypeNames.Of(item)} found");
            if (index++ > 0)
                text.Append(separator);
            text.Append(part);
            context.Step();
            context.RequireLength(text.Length);
        }
        context.ChargeText(text.Length);
        return text.ToString();
    }

    /// <summary>The text with the first <paramref name="most"/> places of <paramref name="old"/> replaced; all of them for a negative number.</summary>
    public static string Replace(RenderContext context, string text, string old, string replacement, int most)
    {
        if (most < 0)
            most = int.MaxValue;
        StringBuilder result = new();
        int start = 0;
        int done = 0;
        if (old.Length == 0)
        {
            for (; done < most && start <= text.Length; done++)
            {
                result.Append(replacement);
                int width = start < text.Length ? PythonText.WidthAt(text, start) : 1;
                if (start < text.Length)
                    result.Append(text, start, width);
                start += width;
                context.Step();
                context.RequireLength(result.Length);
            }
            start = Math.Min(start, text.Length);
        }
        else
        {
            for (int at; done < most && (at = TextSearch.IndexOf(context, text, old, start)) >= 0; done++)
            {
                result.Append(text, start, at - start).Append(replacement);
                start = at + old.Length;
                context.RequireLength(result.Length);
            }
        }
        if (done == 0)
            return text;
        result.Append(text, start, text.Length - start);
        context.ChargeText(result.Length);
        return result.ToString();
    }

    public static string RemoveAffix(RenderContext context, string text, string affix, bool fromEnd)
    {
        context.ChargeText(text.Length);
        return fromEnd
            ? affix.Length > 0 && text.EndsWith(affix, StringComparison.Ordinal) ? text[..^affix.Length] : text
            : text.StartsWith(affix, StringComparison.Ordinal) ? text[affix.Length..] : text;
    }

    /// <summary><c>ljust</c>, <c>rjust</c> and <c>center</c>; arguments are the width and the character to fill with.</summary>
    public static string Justify(RenderContext context, string text, object?[] arguments, char align)
    {
        int width = Argument.Integer(context, arguments[0], 0);
        string fill = arguments[1] is Missing ? " " : Argument.Text(context, "the fill character", arguments[1]);
        if (PythonText.Length(fill) != 1)
            throw context.Error("The fill character must be exactly one character long");
        int missing = width - PythonText.Length(text);
        context.ChargeText(text.Length + Math.Max(0L, missing) * fill.Length);
        if (missing <= 0)
            return text;
        // Python gives the odd space of a centered text to the left only where the width is odd too
        int left = align switch { '<' => 0, '>' => missing, _ => missing / 2 + (missing & width & 1) };
        return string.Concat(Enumerable.Repeat(fill, left)) + text + string.Concat(Enumerable.Repeat(fill, missing - left));
    }

    public static string FillZeros(RenderContext context, string text, object? width)
    {
        long missing = Argument.Integer(context, width, 0) - (long)PythonText.Length(text);
        context.ChargeText(text.Length + Math.Max(0, missing));
        if (missing <= 0)
            return text;
        string zeros = new('0', (int)missing);
        return text.StartsWith('+') || text.StartsWith('-') ? text[0] + zeros + text[1..] : zeros + text;
    }

    public static string ExpandTabs(RenderContext context, string text, int size)
    {
        StringBuilder result = new();
        int column = 0;
        foreach (char c in text)
        {
            if (c == '\t')
            {
                int spaces = size > 0 ? size - column % size : 0;
                context.RequireLength(result.Length + (long)spaces);
                result.Append(' ', spaces);
                column += spaces;
                continue;
            }
            result.Append(c);
            column = c is '\n' or '\r' ? 0 : char.IsLowSurrogate(c) ? column : column + 1;
        }
        context.ChargeText(result.Length);
        return result.ToString();
    }
}
