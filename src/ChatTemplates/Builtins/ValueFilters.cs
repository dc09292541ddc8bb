using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The filters for values of any type.</summary>
internal static class ValueFilters
{
    public static readonly Filter[] All =
    [
        Filter.Define("default", 0, ["default_value", "boolean"], Default),
        Filter.Define("d", 0, ["default_value", "boolean"], Default),
        Filter.Define("length", (context, value) => Iteration.Length(context, value)),
        Filter.Define("count", (context, value) => Iteration.Length(context, value)),
        Filter.Define("string", (context, value) => value is MarkupText ? value : PythonRepr.Text(context, value)),
        Filter.Define("safe", (context, value) => new MarkupText(PythonRepr.Text(context, value))),
        Filter.Define("escape", Escape),
        Filter.Define("e", Escape),
        Filter.Define("forceescape", (context, value) => new MarkupText(MarkupText.Escape(context, PythonRepr.Text(context, value)))),
        Filter.Define("attr", 1, ["name"], Attribute),
        Filter.Define("tojson", 0, ["ensure_ascii", "indent", "separators", "sort_keys"], ToJson),
    ];

    private static object? Default(RenderContext context, object? value, object?[] arguments)
    {
        bool replace = value is Undefined
            || (Argument.IsTrue(context, arguments[1]) && !Truth.Of(context, value));
        return !replace ? value : Argument.Or(arguments[0], "");
    }

    private static object Escape(RenderContext context, object? value) =>
        value as MarkupText ?? new MarkupText(MarkupText.Escape(context, PythonRepr.Text(context, value)));

    private static object? Attribute(RenderContext context, object? value, object?[] arguments)
    {
        string name = Argument.Text(context, "attribute name", arguments[0]);
        object? attribute = Attributes.Attribute(context, value, name);
        return attribute is Missing ? Undefined.Attribute(value, name) : attribute;
    }

    private static object ToJson(RenderContext context, object? value, object?[] arguments)
    {
        bool asciiOnly = Argument.IsTrue(context, arguments[0]);
        bool sortKeys = Argument.IsTrue(context, arguments[3]);
        return new PythonJson(context, asciiOnly, Indent(context, arguments[1]), Separators(context, arguments[2]), sortKeys).Write(value);
    }

    private static string? Indent(RenderContext context, object? indent)
    {
        if (indent is null or Missing)
            return null;
        if (PythonText.TryGet(indent, out string? text))
            return text;
        int width = Math.Max(0, Argument.Integer(context, indent, 0));
        context.ChargeText(width);
        return new string(' ', width);
    }

    private static (string Item, string Key)? Separators(RenderContext context, object? separators)
    {
        if (separators is null or Missing)
            return null;
        if (separators is JinjaSequence { Items: [var item, var key] }
            && PythonText.TryGet(item, out string? between) && PythonText.TryGet(key, out string? after))
        {
            return (between, after);
        }

        throw context.Error("tojson: separators must be two strings, as in separators=(',', ':')");
    }
}
