using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The filters that apply a filter or test to each item. Like Python's generators they work when their items are asked for, and once.</summary>
internal static class SelectionFilters
{
    public static readonly Filter[] All =
    [
        new("map", (context, value, arguments) => new JinjaGenerator(Map(context, value, arguments))),
        new("select", (context, value, arguments) => new JinjaGenerator(Select(context, value, arguments, byAttribute: false, keep: true))),
        new("reject", (context, value, arguments) => new JinjaGenerator(Select(context, value, arguments, byAttribute: false, keep: false))),
        new("selectattr", (context, value, arguments) => new JinjaGenerator(Select(context, value, arguments, byAttribute: true, keep: true))),
        new("rejectattr", (context, value, arguments) => new JinjaGenerator(Select(context, value, arguments, byAttribute: true, keep: false))),
    ];

    private static IEnumerable<object?> Map(RenderContext context, object? value, CallArguments arguments)
    {
        if (!Truth.Of(context, value))
            yield break;
        Func<object?, object?> map = Mapping(context, arguments);
        foreach (object? item in Iteration.Items(context, value))
        {
            context.Step();
            yield return map(item);
        }
    }

    private static Func<object?, object?> Mapping(RenderContext context, CallArguments arguments)
    {
        if (arguments.Positional.Length == 0 && arguments.Keywords.Any(pair => pair.Key == "attribute"))
        {
            object?[] values = s_attributeParameters.Bind(context, arguments);
            AttributePath path = AttributePath.Parse(context, values[0]);
            object? missing = values[1] is Missing ? null : values[1];
            return item => path.Get(context, item, missing);
        }
        if (arguments.Positional.Length == 0)
            throw context.Error("map requires a filter argument");
        string name = Name(context, arguments);
        Filter filter = FilterTable.Find(name) ?? throw context.Error($"unknown filter '{name}'");
        CallArguments rest = arguments.Skip(1);
        return item => filter.Body(context, item, rest);
    }

    private static readonly Signature s_attributeParameters = new("map", 1, "attribute", "default");

    private static IEnumerable<object?> Select(RenderContext context, object? value, CallArguments arguments, bool byAttribute, bool keep)
    {
        if (!Truth.Of(context, value))
            yield break;
        if (byAttribute && arguments.Positional.Length == 0)
            throw context.Error("Missing parameter for attribute name");
        AttributePath? path = byAttribute ? AttributePath.Parse(context, arguments.Positional[0]) : null;
        Func<object?, bool> test = Testing(context, byAttribute ? arguments.Skip(1) : arguments);
        foreach (object? item in Iteration.Items(context, value))
        {
            context.Step();
            if (test(path is null ? item : path.Get(context, item)) == keep)
                yield return item;
        }
    }

    private static Func<object?, bool> Testing(RenderContext context, CallArguments arguments)
    {
        if (arguments.Positional.Length == 0)
            return item => Truth.Of(context, item);
        string name = Name(context, arguments);
        Test test = TestTable.Find(name) ?? throw context.Error($"unknown test '{name}'");
        CallArguments rest = arguments.Skip(1);
        return item => test.Body(context, item, rest);
    }

    private static string Name(RenderContext context, CallArguments arguments) =>
        PythonText.TryGet(HashKey.Of(context, arguments.Positional[0]), out string? name)
        ? name
        : throw context.Error($"the name of a filter or test is text, not {TypeNames.Of(arguments.Positional[0])}");
}
