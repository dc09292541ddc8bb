using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The string methods that take text apart.</summary>
internal static class StringSplitting
{
    /// <summary><c>split</c> and <c>rsplit</c>; arguments are the separator and the largest number of splits.</summary>
    public static JinjaList Split(RenderContext context, string text, object?[] arguments, bool fromEnd)
    {
        int most = Argument.Integer(context, arguments[1], -1);
        if (most < 0)
            most = int.MaxValue;
        context.ChargeText(text.Length);
        return new JinjaList([
            .. arguments[0] is null or Missing ? Words(context, text, most, fromEnd)
            : fromEnd ? PartsFromEnd(context, text, Separator(context, arguments[0]), most)
            : Parts(context, text, Separator(context, arguments[0]), most),
        ]);
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
        string separator = Argument.Text(context, "separator", value);
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
        parts.Reverse();
        return parts;
    }

    // with a limit, the words left over stay one text, together with what is between and behind or before them
    private static List<object?> Words(RenderContext context, string text, int most, bool fromEnd)
    {
        List<(int Start, int End)> words = [];
        for (int at = SkipSpace(text, 0); at < text.Length; at = SkipSpace(text, at))
        {
            int start = at;
            while (at < text.Length && !PythonText.IsSpace(text[at]))
                at++;
            context.ChargeItems(1);
            words.Add((start, at));
        }
        int rest = Math.Max(0, words.Count - most);
        IEnumerable<object?> Texts(IEnumerable<(int Start, int End)> some) => some.Select(word => text[word.Start..word.End]);
        return rest == 0 ? [.. Texts(words)]
            : fromEnd ? [text[..words[rest - 1].End], .. Texts(words.Skip(rest))]
            : [.. Texts(words.Take(most)), text[words[most].Start..]];
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
