using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The filters that take lists apart and put them together.</summary>
internal static class ListFilters
{
    public static readonly Filter[] All =
    [
        Filter.Define("list", (context, value) => value as JinjaList ?? new JinjaList(Iteration.ToArray(context, value))),
        Filter.Define("first", First),
        Filter.Define("last", Last),
        Filter.Define("reverse", Reverse),
        Filter.Define("join", 0, ["d", "attribute"], Join),
        Filter.Define("items", (context, value) => new JinjaGenerator(Items(context, value))),
        Filter.Define("batch", 1, ["linecount", "fill_with"], (context, value, arguments) =>
            new JinjaGenerator(Batch(context, value, Argument.Integer(context, arguments[0], 0), Argument.Or(arguments[1], null)))),
        Filter.Define("slice", 1, ["slices", "fill_with"], (context, value, arguments) =>
            new JinjaGenerator(Slice(context, value, Argument.Integer(context, arguments[0], 0), Argument.Or(arguments[1], null)))),
    ];

    private static object? First(RenderContext context, object? value)
    {
        foreach (object? item in Iteration.Items(context, value))
            return item;
        return Undefined.Because("No first item, sequence was empty.");
    }

    private static object? Last(RenderContext context, object? value)
    {
        if (!IsReversible(value))
            throw context.Error($"'{TypeNames.Of(value)}' object is not reversible");
        object?[] items = Iteration.ToArray(context, value);
        return items.Length > 0 ? items[^1] : Undefined.Because("No last item, sequence was empty.");
    }

    private static object Reverse(RenderContext context, object? value)
    {
        if (PythonText.TryGet(value, out string? text))
        {
            context.ChargeText(text.Length);
            return PythonText.Like(value, PythonText.Reverse(text));
        }
        if (Iteration.TryItems(context, value) is null)
            throw context.Error("argument must be iterable");
        object?[] items = Iteration.ToArray(context, value);
        context.ChargeItems(items.Length);
        object?[] reversed = [.. items.AsEnumerable().Reverse()];
        return IsReversible(value)
            ? new JinjaGenerator(reversed, value is JinjaTuple ? "reversed" : $"{TypeNames.Of(value)}_reverseiterator")
            : new JinjaList(reversed);
    }

    private static bool IsReversible(object? value) => value is string or MarkupText or JinjaSequence or JinjaDict or DictView or JinjaRange or Undefined;

    private static object Join(RenderContext context, object? value, object?[] arguments)
    {
        string separator = arguments[0] is Missing ? "" : PythonRepr.Text(context, arguments[0]);
        AttributePath? path = arguments[1] is null or Missing ? null : AttributePath.Parse(context, arguments[1]);
        IEnumerable<object?> texts = Iteration.Items(context, value)
            .Select(item => (object?)PythonRepr.Text(context, path is null ? item : path.Get(context, item)));
        return StringBuilding.Join(context, separator, new JinjaGenerator(texts));
    }

    private static IEnumerable<object?> Items(RenderContext context, object? value)
    {
        if (value is Undefined)
            yield break;
        if (value is not JinjaDict dict)
            throw context.Error("Can only get item pairs from a mapping.");
        for (int i = 0; i < dict.Count; i++)
            yield return new JinjaTuple(dict.Entries[i].Key, dict.Entries[i].Value);
    }

    private static IEnumerable<object?> Batch(RenderContext context, object? value, int size, object? filler)
    {
        List<object?> batch = new();
        foreach (object? item in Iteration.Items(context, value))
        {
            if (batch.Count == size)
            {
                yield return new JinjaList([.. batch]);
                batch.Clear();
            }
            context.ChargeItems(1);
            batch.Add(item);
        }
        if (batch.Count == 0)
            yield break;
        if (filler is not null && batch.Count < size)
        {
            context.ChargeItems(size - batch.Count);
            batch.AddRange(Enumerable.Repeat(filler, size - batch.Count));
        }
        yield return new JinjaList([.. batch]);
    }

    private static IEnumerable<object?> Slice(RenderContext context, object? value, int count, object? filler)
    {
        object?[] items = Iteration.ToArray(context, value);
        if (count == 0)
            throw context.Error("integer division or modulo by zero");
        if (count < 0)
            yield break;
        (int size, int larger) = Math.DivRem(items.Length, count);
        int start = 0;
        for (int i = 0; i < count; i++)
        {
            int length = size + (i < larger ? 1 : 0);
            context.ChargeItems(length + 1);
            object?[] slice = items[start..(start + length)];
            start += length;
            yield return new JinjaList(filler is not null && i >= larger ? [.. slice, filler] : slice);
        }
    }
}
