using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Going over a value's items, and counting them.</summary>
internal static class Iteration
{
    /// <summary>The items of a value, or null where Python could not go over it.</summary>
    public static IEnumerable<object?>? TryItems(RenderContext context, object? value) => value switch
    {
        JinjaSequence sequence => sequence.Items,
        JinjaDict dict => dict.Entries.Select(entry => entry.Key),
        DictView view => Enumerable.Range(0, view.Dict.Count).Select(view.ItemAt),
        string text => PythonText.CodePoints(text),
        MarkupText markup => PythonText.CodePoints(markup.Text),
        JinjaRange range => Numbers(range),
        JinjaObject other => other.Remaining(context),
        Undefined => [],
        _ => null,
    };

    public static IEnumerable<object?> Items(RenderContext context, object? value) =>
        TryItems(context, value) ?? throw context.Error($"'{TypeNames.Of(value)}' object is not iterable");

    /// <summary>All items of a value, each accounted for.</summary>
    public static object?[] ToArray(RenderContext context, object? value)
    {
        if (value is JinjaSequence sequence)
            return sequence.Items;
        List<object?> items = new();
        foreach (object? item in Items(context, value))
        {
            context.ChargeItems(1);
            items.Add(item);
        }
        return [.. items];
    }

    /// <summary>Python's <c>len</c>, or -1 for a value without length.</summary>
    public static long TryLength(RenderContext context, object? value) => value switch
    {
        string text => TextLength(context, text),
        MarkupText markup => TextLength(context, markup.Text),
        JinjaSequence sequence => sequence.Items.Length,
        JinjaDict dict => dict.Count,
        DictView view => view.Dict.Count,
        JinjaRange range => range.Count,
        JinjaObject other => other.Length(context),
        Undefined => 0,
        _ => -1,
    };

    public static long Length(RenderContext context, object? value)
    {
        long length = TryLength(context, value);
        return length >= 0 ? length : throw context.Error($"object of type '{TypeNames.Of(value)}' has no len()");
    }

    /// <summary>Python's <c>in</c>.</summary>
    public static bool Contains(RenderContext context, object? container, object? item)
    {
        switch (container)
        {
            case string or MarkupText:
                PythonText.TryGet(container, out string? text);
                return PythonText.TryGet(item, out string? part)
                    ? TextSearch.IndexOf(context, text!, part) >= 0
                    : throw context.Error($"'in <string>' requires string as left operand, not {TypeNames.Of(item)}");
            case JinjaDict dict:
                return dict.TryGet(HashKey.Of(context, item), out _);
            case DictView { Kind: DictViewKind.Keys } view:
                return view.Dict.TryGet(HashKey.Of(context, item), out _);
            case JinjaRange range when PythonNumber.TryGetLong(item, out long number):
                return range.Contains(number);
        }
        IEnumerable<object?> items = TryItems(context, container)
            ?? throw context.Error($"argument of type '{TypeNames.Of(container)}' is not iterable");
        foreach (object? candidate in items)
        {
            context.Step();
            if (Equality.AreEqual(context, candidate, item))
                return true;
        }
        return false;
    }

    private static long TextLength(RenderContext context, string text)
    {
        context.Scan(text.Length);
        return PythonText.Length(text);
    }

    private static IEnumerable<object?> Numbers(JinjaRange range)
    {
        for (long i = 0; i < range.Count; i++)
            yield return range.ItemAt(i);
    }
}
