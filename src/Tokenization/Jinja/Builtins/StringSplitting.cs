using MiniMind.MLNet.Dpo.Tokenization.Jinja.Python;
using MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Builtins;

/// <summary>The string methods that take text apart.</summary>
internal static class StringSplitting
{
    /// <summary><c>split</c> and <c>rsplit</c>; arguments are the separator and the largest number of splits.</summary>
    public static JinjaList Split(RenderContext context, string text, object?[] arguments, bool fromEnd)
    {
        int most = StringMethods.Integer(context, arguments[1], -1);
        if (most < 0)
            most = int.MaxValue;
        context.ChargeText(text.Length);
        List<object?> parts = arguments[0] is null or Missing
            ? fromEnd ? WordsFromEnd(context, text, most) : Words(context, text, most)
            : fromEnd
                ? PartsFromEnd(context, text, Separator(context, arguments[0]), most)
                : Parts(context, text, Separator(context, arguments[0]), most);
        if (fromEnd)
            parts.Reverse();
        return new JinjaList([.. parts]);
    }

    public static JinjaList SplitLines(RenderContext context, string text, bool keepEnds)
    {
        context.ChargeText(text.Length);
        context.ChargeItems(text.Count(PythonText.IsLineEnd) + 1);
        return new JinjaList([.. PythonText.Lines(text, keepEnds)]);
    }

    public static JinjaTuple Partition(RenderContext context, string text, object? separator, bool fromEnd)
    {
        string part = Separator(context, separator);
        int at = fromEnd ? TextSearch.LastIndexOf(context, text, part, text.Length) : TextSearch.IndexOf(context, text, part);
        context.ChargeText(text.Length);
        if (at < 0)
            return fromEnd ? new JinjaTuple("", "", text) : new JinjaTuple(text, "", "");
        return new JinjaTuple(text[..at], part, text[(at + part.Length)..]);
    }

    private static string Separator(RenderContext context, object? value)
    {
        string separator = StringMethods.Text(context, "separator", value);
        return separator.Length > 0 ? separator : throw context.Error("empty separator");
    }

    private static List<object?> Parts(RenderContext context, string text, string separator, int most)
    {
        List<object?> parts = new();
        int start = 0;
        for (int at; parts.Count < most && (at = TextSearch.IndexOf(context, text, separator, start)) >= 0; start = at + separator.Length)
            AddPart(context, parts, text[start..at]);
        AddPart(context, parts, text[start..]);
        return parts;
    }

    private static List<object?> PartsFromEnd(RenderContext context, string text, string separator, int most)
    {
        List<object?> parts = new();
        int end = text.Length;
        for (int at; parts.Count < most && (at = TextSearch.LastIndexOf(context, text, separator, end)) >= 0; end = at)
            AddPart(context, parts, text[(at + separator.Length)..end]);
        AddPart(context, parts, text[..end]);
        return parts;
    }

    private static List<object?> Words(RenderContext context, string text, int most)
    {
        List<object?> words = new();
        int at = SkipSpace(text, 0);
        while (at < text.Length && words.Count < most)
        {
            int start = at;
            while (at < text.Length && !PythonText.IsSpace(text[at]))
                at++;
            AddPart(context, words, text[start..at]);
            at = SkipSpace(text, at);
        }
        if (at < text.Length)
            AddPart(context, words, text[at..]);
        return words;
    }

    private static List<object?> WordsFromEnd(RenderContext context, string text, int most)
    {
        List<object?> words = new();
        int end = SkipSpaceBack(text, text.Length);
        while (end > 0 && words.Count < most)
        {
            int start = end;
            while (start > 0 && !PythonText.IsSpace(text[start - 1]))
                start--;
            AddPart(context, words, text[start..end]);
            end = SkipSpaceBack(text, start);
        }
        if (end > 0)
            AddPart(context, words, text[..end]);
        return words;
    }

    private static int SkipSpaceBack(string text, int end)
    {
        while (end > 0 && PythonText.IsSpace(text[end - 1]))
            end--;
        return end;
    }

    private static int SkipSpace(string text, int at)
    {
        while (at < text.Length && PythonText.IsSpace(text[at]))
            at++;
        return at;
    }

    private static void AddPart(RenderContext context, List<object?> parts, string part)
    {
        context.ChargeItems(1);
        parts.Add(part);
    }
}
