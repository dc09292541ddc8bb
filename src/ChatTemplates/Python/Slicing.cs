using System.Numerics;
using System.Text;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Python's <c>value[start:stop:step]</c>.</summary>
internal static class Slicing
{
    public static object? Of(RenderContext context, object? value, object? start, object? stop, object? step)
    {
        switch (value)
        {
            case string or MarkupText:
                PythonText.TryGet(value, out string? text);
                return PythonText.Like(value, OfText(context, text!, start, stop, step));
            case JinjaSequence sequence:
                return OfSequence(context, sequence, start, stop, step);
            case JinjaRange range:
                JinjaRange at = Places(context, range.Count, start, stop, step);
                return new JinjaRange(range.ItemAt(at.Start), range.ItemAt(at.Stop), range.Step * at.Step);
            case Undefined undefined:
                throw undefined.Error(context);
            case JinjaDict:
                throw context.Error("unhashable type: 'slice'");
            default:
                throw context.Error($"'{TypeNames.Of(value)}' object is not subscriptable");
        }
    }

    /// <summary>A bound given as integer or None, within a row of the given length.</summary>
    public static long Bound(RenderContext context, object? bound, long length, long missing, long lowest, long highest)
    {
        if (bound is null or Missing)
            return missing;
        if (!PythonNumber.IsInteger(bound))
            throw context.Error("slice indices must be integers or None or have an __index__ method");
        BigInteger place = PythonNumber.ToBig(bound);
        if (place.Sign < 0)
            place += length;
        return (long)BigInteger.Min(BigInteger.Max(place, lowest), highest);
    }

    private static string OfText(RenderContext context, string text, object? start, object? stop, object? step)
    {
        int length = PythonText.Length(text);
        JinjaRange places = Places(context, length, start, stop, step);
        if (places.Count == length && places.Step == 1)
            return text;
        if (places.Step == 1)
        {
            int first = PythonText.IndexOfCodePoint(text, places.Start);
            int last = PythonText.IndexOfCodePoint(text, Math.Max(places.Stop, places.Start));
            context.ChargeText(length == text.Length ? last - first : text.Length);
            return text[first..last];
        }
        context.ChargeText(text.Length);
        if (length == text.Length)
        {
            return string.Create((int)places.Count, (text, places), static (picked, state) =>
            {
                for (int i = 0; i < picked.Length; i++)
                    picked[i] = state.text[(int)state.places.ItemAt(i)];
            });
        }
        context.ChargeItems(length);
        string[] codePoints = [.. PythonText.CodePoints(text)];
        StringBuilder result = new();
        for (long i = 0; i < places.Count; i++)
            result.Append(codePoints[places.ItemAt(i)]);
        return result.ToString();
    }

    private static JinjaSequence OfSequence(RenderContext context, JinjaSequence sequence, object? start, object? stop, object? step)
    {
        JinjaRange places = Places(context, sequence.Items.Length, start, stop, step);
        context.ChargeItems(places.Count);
        object?[] items = new object?[places.Count];
        for (int i = 0; i < items.Length; i++)
            items[i] = sequence.Items[places.ItemAt(i)];
        return sequence.With(items);
    }

    private static JinjaRange Places(RenderContext context, long length, object? start, object? stop, object? step)
    {
        long stride = Bound(context, step, 0, 1, -int.MaxValue, int.MaxValue);
        if (stride == 0)
            throw context.Error("slice step cannot be zero");
        return stride > 0
            ? new JinjaRange(Bound(context, start, length, 0, 0, length), Bound(context, stop, length, length, 0, length), stride)
            : new JinjaRange(Bound(context, start, length, length - 1, -1, length - 1), Bound(context, stop, length, -1, -1, length - 1), stride);
    }
}
