using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The filters that compare items; unless told otherwise they take upper and lower case for the same.</summary>
internal static class OrderFilters
{
    public static readonly Filter[] All =
    [
        Filter.Define("sort", 0, ["reverse", "case_sensitive", "attribute"], Sort),
        Filter.Define("dictsort", 0, ["case_sensitive", "by", "reverse"], SortDict),
        Filter.Define("unique", 0, ["case_sensitive", "attribute"], (context, value, arguments) => new JinjaGenerator(Unique(context, value, arguments))),
        Filter.Define("min", 0, ["case_sensitive", "attribute"], (context, value, arguments) => Extreme(context, value, arguments, "<")),
        Filter.Define("max", 0, ["case_sensitive", "attribute"], (context, value, arguments) => Extreme(context, value, arguments, ">")),
        Filter.Define("groupby", 1, ["attribute", "default", "case_sensitive"], GroupBy),
    ];

    private static object Sort(RenderContext context, object? value, object?[] arguments)
    {
        AttributePath[] paths = AttributePath.ParseMany(context, Argument.Or(arguments[2], null));
        bool caseSensitive = Argument.IsTrue(context, arguments[1]);
        object?[] items = Iteration.ToArray(context, value);
        context.ChargeItems(items.Length * (1L + paths.Length));
        object?[] keys = Array.ConvertAll(items, item =>
            (object?)new JinjaList(Array.ConvertAll(paths, path => Key(context, path.Get(context, item), caseSensitive))));
        return new JinjaList(Ordering.Sort(context, items, keys, Argument.IsTrue(context, arguments[0])));
    }

    private static object SortDict(RenderContext context, object? value, object?[] arguments)
    {
        if (value is not JinjaDict dict)
            throw value is Undefined undefined ? undefined.Error(context) : context.Error($"'{TypeNames.Describe(value)}' has no attribute 'items'");
        string by = arguments[1] is Missing ? "key" : PythonRepr.Text(context, arguments[1]);
        if (by is not ("key" or "value"))
            throw context.Error("You can only sort by either \"key\" or \"value\"");
        bool caseSensitive = Argument.IsTrue(context, arguments[0]);
        context.ChargeItems(3L * dict.Count);
        object?[] pairs = [.. dict.Entries.Select(entry => new JinjaTuple(entry.Key, entry.Value))];
        object?[] keys = [.. dict.Entries.Select(entry => Key(context, by == "key" ? entry.Key : entry.Value, caseSensitive))];
        return new JinjaList(Ordering.Sort(context, pairs, keys, Argument.IsTrue(context, arguments[2])));
    }

    private static IEnumerable<object?> Unique(RenderContext context, object? value, object?[] arguments)
    {
        bool caseSensitive = Argument.IsTrue(context, arguments[0]);
        AttributePath path = AttributePath.Parse(context, Argument.Or(arguments[1], null));
        HashSet<object> seen = new();
        foreach (object? item in Iteration.Items(context, value))
        {
            context.ChargeItems(1);
            if (seen.Add(HashKey.Of(context, Key(context, path.Get(context, item), caseSensitive))))
                yield return item;
        }
    }

    private static object? Extreme(RenderContext context, object? value, object?[] arguments, string operation)
    {
        bool caseSensitive = Argument.IsTrue(context, arguments[0]);
        AttributePath path = AttributePath.Parse(context, Argument.Or(arguments[1], null));
        object? best = Undefined.Because("No aggregated item, sequence was empty.");
        object? bestKey = Missing.Value;
        foreach (object? item in Iteration.Items(context, value))
        {
            object? key = Key(context, path.Get(context, item), caseSensitive);
            if (bestKey is Missing || Ordering.Holds(context, key, operation, bestKey))
                (best, bestKey) = (item, key);
        }
        return best;
    }

    private static object GroupBy(RenderContext context, object? value, object?[] arguments)
    {
        AttributePath path = AttributePath.Parse(context, arguments[0]);
        object? missing = Argument.Or(arguments[1], null);
        bool caseSensitive = Argument.IsTrue(context, arguments[2]);
        object? KeyOf(object? item) => Key(context, path.Get(context, item, missing), caseSensitive);

        object?[] items = Iteration.ToArray(context, value);
        items = Ordering.Sort(context, items, Array.ConvertAll(items, KeyOf), reverse: false);
        context.ChargeItems(2L * items.Length);
        List<object?> groups = new();
        for (int start = 0, end; start < items.Length; start = end)
        {
            object? key = KeyOf(items[start]);
            end = start + 1;
            while (end < items.Length && Equality.AreEqual(context, key, KeyOf(items[end])))
                end++;
            groups.Add(new JinjaGroup(path.Get(context, items[start], missing), new JinjaList(items[start..end])));
        }
        return new JinjaList([.. groups]);
    }

    private static object? Key(RenderContext context, object? value, bool caseSensitive)
    {
        if (caseSensitive || !PythonText.TryGet(value, out string? text))
            return value;
        context.ChargeText(text.Length);
        return CaseMapping.Lower(text);
    }
}
