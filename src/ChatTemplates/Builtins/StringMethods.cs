using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The methods of a string.</summary>
internal static class StringMethods
{
    // those whose arguments markupsafe escapes when the text is marked as HTML
    private static readonly HashSet<string> s_escaping =
    [
        "replace", "ljust", "rjust", "lstrip", "rstrip", "center", "strip", "removeprefix", "removesuffix", "zfill",
    ];

    public static readonly Dictionary<string, Method> All = new[]
    {
        Define("strip", 0, ["chars"], (context, text, arguments) => Strip(context, text, arguments, start: true, end: true)),
        Define("lstrip", 0, ["chars"], (context, text, arguments) => Strip(context, text, arguments, start: true, end: false)),
        Define("rstrip", 0, ["chars"], (context, text, arguments) => Strip(context, text, arguments, start: false, end: true)),
        Define("split", 0, ["sep", "maxsplit"], (context, text, arguments) => StringSplitting.Split(context, text, arguments, fromEnd: false)),
        Define("rsplit", 0, ["sep", "maxsplit"], (context, text, arguments) => StringSplitting.Split(context, text, arguments, fromEnd: true)),
        Define("splitlines", 0, ["keepends"], (context, text, arguments) => StringSplitting.SplitLines(context, text, Argument.IsTrue(context, arguments[0]))),
        Define("partition", 1, ["sep"], (context, text, arguments) => StringSplitting.Partition(context, text, arguments[0], fromEnd: false)),
        Define("rpartition", 1, ["sep"], (context, text, arguments) => StringSplitting.Partition(context, text, arguments[0], fromEnd: true)),
        Define("join", 1, ["iterable"], (context, text, arguments) => StringBuilding.Join(context, text, arguments[0])),
        Define("replace", 2, ["old", "new", "count"], (context, text, arguments) => StringBuilding.Replace(
            context, text, Argument.Text(context, "replace() argument 1", arguments[0]), Argument.Text(context, "replace() argument 2", arguments[1]),
            Argument.Integer(context, arguments[2], -1))),
        Define("startswith", 1, ["prefix", "start", "end"], (context, text, arguments) => StringSearching.HasAffix(context, "startswith", text, arguments)),
        Define("endswith", 1, ["suffix", "start", "end"], (context, text, arguments) => StringSearching.HasAffix(context, "endswith", text, arguments)),
        Define("find", 1, ["sub", "start", "end"], (context, text, arguments) => StringSearching.Find(context, "find", text, arguments, fromEnd: false)),
        Define("rfind", 1, ["sub", "start", "end"], (context, text, arguments) => StringSearching.Find(context, "rfind", text, arguments, fromEnd: true)),
        Define("index", 1, ["sub", "start", "end"], (context, text, arguments) => StringSearching.Index(context, "index", text, arguments, fromEnd: false)),
        Define("rindex", 1, ["sub", "start", "end"], (context, text, arguments) => StringSearching.Index(context, "rindex", text, arguments, fromEnd: true)),
        Define("count", 1, ["sub", "start", "end"], StringSearching.Count),
        Define("upper", 0, [], (context, text, arguments) => Mapped(context, text, CaseMapping.Upper)),
        Define("lower", 0, [], (context, text, arguments) => Mapped(context, text, CaseMapping.Lower)),
        Define("title", 0, [], (context, text, arguments) => Mapped(context, text, CaseMapping.Title)),
        Define("capitalize", 0, [], (context, text, arguments) => Mapped(context, text, CaseMapping.Capitalize)),
        Define("swapcase", 0, [], (context, text, arguments) => Mapped(context, text, CaseMapping.Swap)),
        Define("removeprefix", 1, ["prefix"], (context, text, arguments) =>
            StringBuilding.RemoveAffix(context, text, Argument.Text(context, "removeprefix() argument", arguments[0]), fromEnd: false)),
        Define("removesuffix", 1, ["suffix"], (context, text, arguments) =>
            StringBuilding.RemoveAffix(context, text, Argument.Text(context, "removesuffix() argument", arguments[0]), fromEnd: true)),
        Define("center", 1, ["width", "fillchar"], (context, text, arguments) => StringBuilding.Justify(context, text, arguments, '^')),
        Define("ljust", 1, ["width", "fillchar"], (context, text, arguments) => StringBuilding.Justify(context, text, arguments, '<')),
        Define("rjust", 1, ["width", "fillchar"], (context, text, arguments) => StringBuilding.Justify(context, text, arguments, '>')),
        Define("zfill", 1, ["width"], (context, text, arguments) => StringBuilding.FillZeros(context, text, arguments[0])),
        Define("expandtabs", 0, ["tabsize"], (context, text, arguments) =>
            StringBuilding.ExpandTabs(context, text, Argument.Integer(context, arguments[0], 8))),
        Define("isupper", 0, [], (context, text, arguments) => Scanned(context, text, CaseMapping.IsUpper)),
        Define("islower", 0, [], (context, text, arguments) => Scanned(context, text, CaseMapping.IsLower)),
        Define("istitle", 0, [], (context, text, arguments) => Scanned(context, text, CaseMapping.IsTitle)),
        Define("isspace", 0, [], (context, text, arguments) => Scanned(context, text, t => t.Length > 0 && t.All(PythonText.IsSpace))),
        Define("isascii", 0, [], (context, text, arguments) => Scanned(context, text, t => System.Text.Ascii.IsValid(t))),
        Define("isalpha", 0, [], (context, text, arguments) => Scanned(context, text, CharacterClasses.AreLetters)),
        Define("isalnum", 0, [], (context, text, arguments) => Scanned(context, text, CharacterClasses.AreLettersOrNumbers)),
        Define("isdigit", 0, [], (context, text, arguments) => Scanned(context, text, CharacterClasses.AreDigits)),
        Define("isnumeric", 0, [], (context, text, arguments) => Scanned(context, text, CharacterClasses.AreNumeric)),
    }.ToDictionary(method => method.Name);

    private static Method Define(string name, int required, string[] parameters, Func<RenderContext, string, object?[], object?> body)
    {
        Signature signature = new(name, required, parameters);
        return new Method(name, (context, self, arguments) =>
        {
            object?[] values = signature.Bind(context, arguments);
            if (self is string text)
                return body(context, text, values);
            if (s_escaping.Contains(name))
                values = Array.ConvertAll(values, value => value is string plain ? MarkupText.Escape(context, plain) : value);
            return Marked(body(context, ((MarkupText)self).Text, values));
        });
    }

    // what methods of marked text give is marked too
    private static object? Marked(object? result) => result switch
    {
        string text => new MarkupText(text),
        JinjaSequence sequence => sequence.With(Array.ConvertAll(sequence.Items, Marked)),
        _ => result,
    };

    private static string Strip(RenderContext context, string text, object?[] arguments, bool start, bool end)
    {
        string? characters = arguments[0] is null or Missing ? null : Argument.Text(context, "strip arg", arguments[0]);
        context.Step(1 + (long)(characters?.Length ?? 1) * text.Length / 256);
        context.ChargeText(text.Length);
        return PythonText.Strip(text, characters, start, end);
    }

    private static string Mapped(RenderContext context, string text, Func<string, string> map)
    {
        context.ChargeText(3L * text.Length);
        context.Step(text.Length / 2);
        return map(text);
    }

    private static object Scanned(RenderContext context, string text, Func<string, bool> test)
    {
        context.Step(1 + text.Length / 2);
        return test(text);
    }
}
