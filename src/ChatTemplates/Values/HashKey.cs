using System.Numerics;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>What stands for a value as a key: equal keys are values that Python finds equal, so 1, 1.0 and True are one key.</summary>
internal static class HashKey
{
    private static readonly object s_none = new();
    private static readonly object s_undefinedKey = new();

    public static object Of(RenderContext context, object? value) => value switch
    {
        string text => OfText(context, text),
        MarkupText markup => OfText(context, markup.Text),
        null => s_none,
        bool truth => truth ? 1L : 0L,
        long or BigInteger => value,
        double number => OfDouble(number),
        JinjaTuple tuple => OfTuple(context, tuple),
        Undefined => s_undefinedKey,
        JinjaList or JinjaDict or DictView { IsHashable: false } => throw context.Error($"unhashable type: '{TypeNames.Of(value)}'"),
        JinjaRange range => (range.Count, range.Count > 0 ? range.Start : 0, range.Count > 1 ? range.Step : 0),
        _ => value,
    };

    // looking a text up goes through all of it
    private static string OfText(RenderContext context, string text)
    {
        context.Scan(text.Length);
        return text;
    }

    private static object OfDouble(double number)
    {
        if (double.IsFinite(number) && Math.Floor(number) == number)
            return PythonNumber.Normalize(new BigInteger(number));
        return number;
    }

    private static TupleKey OfTuple(RenderContext context, JinjaTuple tuple)
    {
        context.Enter();
        context.ChargeItems(tuple.Items.Length);
        object[] items = new object[tuple.Items.Length];
        for (int i = 0; i < items.Length; i++)
            items[i] = Of(context, tuple.Items[i]);
        context.Leave();
        return new TupleKey(items);
    }
}
