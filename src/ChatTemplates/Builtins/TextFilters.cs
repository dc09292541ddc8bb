using System.Text;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The filters that make text of text.</summary>
internal static class TextFilters
{
    public static readonly Filter[] All =
    [
        Filter.Define("upper", (context, value) => ByMethod(context, value, "upper")),
        Filter.Define("lower", (context, value) => ByMethod(context, value, "lower")),
        Filter.Define("capitalize", (context, value) => ByMethod(context, value, "capitalize")),
        Filter.Define("title", Title),
        Filter.Define("trim", 0, ["chars"], (context, value, arguments) =>
            ByMethod(context, value, "strip", Argument.Or(arguments[0], null))),
        Filter.Define("center", 0, ["width"], (context, value, arguments) =>
            ByMethod(context, value, "center", Argument.Or(arguments[0], 80L))),
        Filter.Define("replace", 2, ["old", "new", "count"], Replace),
        Filter.Define("indent", 0, ["width", "first", "blank"], Indent),
        Filter.Define("truncate", 0, ["length", "killwords", "end", "leeway"], Truncate),
        Filter.Define("wordcount", CountWords),
        new("format", Format),
    ];

    private static object? ByMethod(RenderContext context, object? value, string method, params object?[] arguments)
    {
        object text = value as MarkupText ?? (object)PythonRepr.Text(context, value);
        return StringMethods.All[method].Body(context, text, new CallArguments(arguments, []));
    }

    // not str.title: only white space, hyphens and opening brackets begin a word
    private static object Title(RenderContext context, object? value)
    {
        string text = PythonRepr.Text(context, value);
        context.ChargeText(3L * text.Length);
        context.Step(text.Length / 2);
        StringBuilder result = new();
        for (int start = 0; start < text.Length;)
        {
            bool between = IsBetweenWords(text[start]);
            int end = start;
            while (end < text.Length && IsBetweenWords(text[end]) == between)
                end++;
            int first = start + PythonText.WidthAt(text, start);
            result.Append(CaseMapping.Upper(text[start..first])).Append(CaseMapping.Lower(text[first..end]));
            start = end;
        }
        return result.ToString();
    }

    private static bool IsBetweenWords(char character) => character is '-' or '(' or '{' or '[' or '<' || PythonText.IsSpace(character);

    private static object Replace(RenderContext context, object? value, object?[] arguments)
    {
        int most = arguments[2] is null ? -1 : Argument.Integer(context, arguments[2], -1);
        return StringBuilding.Replace(
            context, PythonRepr.Text(context, value), PythonRepr.Text(context, arguments[0]), PythonRepr.Text(context, arguments[1]), most);
    }

    private static object Indent(RenderContext context, object? value, object?[] arguments)
    {
        if (!PythonText.TryGet(value, out string? text))
            throw value is Undefined undefined ? undefined.Error(context) : context.Error($"indent needs text, not {TypeNames.Of(value)}");
        int width = PythonText.TryGet(arguments[0], out string? indentation) ? 0 : Math.Max(0, Argument.Integer(context, arguments[0], 4));
        if (indentation is null)
        {
            context.ChargeText(width);
            indentation = new string(' ', width);
        }
        bool first = Argument.IsTrue(context, arguments[1]);
        bool blank = Argument.IsTrue(context, arguments[2]);
        context.ChargeText(2L * text.Length);
        List<string> lines = PythonText.Lines(text + "\n", keepEnds: false);
        context.ChargeText(text.Length + (long)lines.Count * (indentation.Length + 1));
        StringBuilder result = new(first ? indentation : "");
        for (int i = 0; i < lines.Count; i++)
        {
            if (i > 0)
                result.Append('\n').Append(blank || lines[i].Length > 0 ? indentation : "");
            result.Append(lines[i]);
        }
        return PythonText.Like(value, result.ToString());
    }

    private static object? Truncate(RenderContext context, object? value, object?[] arguments)
    {
        long length = Argument.Integer(context, arguments[0], 255);
        bool cutWords = Argument.IsTrue(context, arguments[1]);
        string end = arguments[2] is Missing ? "..." : Argument.Text(context, "truncate's end", arguments[2]);
        long leeway = arguments[3] is null ? 5 : Argument.Integer(context, arguments[3], 5);
        int endLength = PythonText.Length(end);
        if (length < endLength)
            throw context.Error($"expected length >= {endLength}, got {length}");
        if (leeway < 0)
            throw context.Error($"expected leeway >= 0, got {leeway}");
        if (Iteration.Length(context, value) <= length + leeway)
            return value;
        if (!PythonText.TryGet(value, out string? text))
            throw context.Error($"truncate needs text, not {TypeNames.Of(value)}");
        context.ChargeText(text.Length);
        string kept = text[..PythonText.IndexOfCodePoint(text, length - endLength)];
        int space = cutWords ? -1 : kept.LastIndexOf(' ');
        return PythonText.Like(value, (space < 0 ? kept : kept[..space]) + (value is MarkupText ? MarkupText.Escape(context, end) : end));
    }

    private static object CountWords(RenderContext context, object? value)
    {
        string text = PythonRepr.Text(context, value);
        context.Step(1 + text.Length / 2);
        long words = 0;
        bool inWord = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isPart = rune.Value == '_' || CharacterClasses.IsLetterOrNumber(rune);
            if (isPart && !inWord)
                words++;
            inWord = isPart;
        }
        return words;
    }

    private static object? Format(RenderContext context, object? value, CallArguments arguments)
    {
        if (arguments.Positional.Length > 0 && arguments.Keywords.Length > 0)
            throw context.Error("can't handle positional and keyword arguments at the same time");
        if (value is MarkupText)
            throw context.Error("formatting text that is marked safe is not supported");
        string format = PythonRepr.Text(context, value);
        if (arguments.Keywords.Length == 0)
            return PercentFormat.Apply(context, format, new JinjaTuple(arguments.Positional));
        JinjaDict named = new(arguments.Keywords.Length);
        foreach ((string name, object? argument) in arguments.Keywords)
            named.Set(name, argument);
        return PercentFormat.Apply(context, format, named);
    }
}
