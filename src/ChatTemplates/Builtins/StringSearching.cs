using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The string methods that look for text in text. Arguments are: what to look for, and where to start and end.</summary>
internal static class StringSearching
{
    public static object HasAffix(RenderContext context, string method, string text, object?[] arguments)
    {
        if (Window(context, text, arguments) is not (int start, int end))
            return false;
        object?[] affixes = arguments[0] is JinjaTuple tuple ? tuple.Items : [arguments[0]];
        foreach (object? affix in affixes)
        {
            if (!PythonText.TryGet(affix, out string? part))
            {
                throw context.Error(arguments[0] is JinjaTuple
                    ? $"tuple for {method} must only contain str, not {TypeNames.Of(affix)}"
                    : $"{method} first arg must be str or a tuple of str, not {TypeNames.Of(affix)}");
            }
            context.Scan(part.Length);
            ReadOnlySpan<char> window = text.AsSpan(start, end - start);
            if (method == "endswith" ? window.EndsWith(part, StringComparison.Ordinal) : window.StartsWith(part, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    public static object Find(RenderContext context, string method, string text, object?[] arguments, bool fromEnd)
    {
        string part = Argument.Text(context, $"{method}() argument 1", arguments[0]);
        if (Window(context, text, arguments) is not (int start, int end))
            return -1L;
        string window = end == text.Length ? text : text[..end];
        int at = fromEnd ? TextSearch.LastIndexOf(context, text, part, end) : TextSearch.IndexOf(context, window, part, start);
        return at < start ? -1L : (long)PythonText.CodePointAt(text, at);
    }

    public static object Index(RenderContext context, string method, string text, object?[] arguments, bool fromEnd)
    {
        object at = Find(context, method, text, arguments, fromEnd);
        return at is -1L ? throw context.Error("substring not found") : at;
    }

    public static object Count(RenderContext context, string text, object?[] arguments)
    {
        string part = Argument.Text(context, "count() argument 1", arguments[0]);
        if (Window(context, text, arguments) is not (int start, int end))
            return 0L;
        string window = text[start..end];
        if (part.Length == 0)
            return PythonText.Length(window) + 1L;
        long count = 0;
        for (int at = 0; (at = TextSearch.IndexOf(context, window, part, at)) >= 0; at += part.Length)
            count++;
        return count;
    }

    // character indexes of the part to look in; null where it starts past the end
    private static (int Start, int End)? Window(RenderContext context, string text, object?[] arguments)
    {
        if (arguments[1] is Missing or null && arguments[2] is Missing or null)
            return (0, text.Length);
        int length = PythonText.Length(text);
        context.ChargeText(text.Length);
        long start = Slicing.Bound(context, arguments[1], length, 0, 0, int.MaxValue);
        long end = Slicing.Bound(context, arguments[2], length, length, 0, length);
        if (start > end)
            return null;
        return (PythonText.IndexOfCodePoint(text, start), PythonText.IndexOfCodePoint(text, end));
    }
}
