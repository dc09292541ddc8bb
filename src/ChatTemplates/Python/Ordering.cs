using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Python's <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c> and <c>&gt;=</c>, and sorting by them.</summary>
internal static class Ordering
{
    /// <summary>Whether <c>left operation right</c> holds; <paramref name="operation"/> is one of the four.</summary>
    public static bool Holds(RenderContext context, object? left, string operation, object? right)
    {
        int? order = Compare(context, left, right, operation);
        return operation switch
        {
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }

    /// <summary>The items in the order of their keys, one per item; items whose keys compare equal keep their places, also in reverse.</summary>
    public static object?[] Sort(RenderContext context, object?[] items, object?[] keys, bool reverse)
    {
        int[] order = new int[items.Length];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        context.ChargeItems(items.Length);
        MergeSort(order, new int[order.Length], (a, b) => reverse
            ? Holds(context, keys[a], "<", keys[b])
            : Holds(context, keys[b], "<", keys[a]));
        return Array.ConvertAll(order, i => items[i]);
    }

    // written out: the library's sorts are not stable or hide what a comparison throws
    private static void MergeSort(Span<int> order, Span<int> spare, Func<int, int, bool> secondIsFirst)
    {
        if (order.Length < 2)
            return;
        int middle = order.Length / 2;
        MergeSort(order[..middle], spare[..middle], secondIsFirst);
        MergeSort(order[middle..], spare[middle..], secondIsFirst);
        order.CopyTo(spare);
        for (int at = 0, left = 0, right = middle; at < order.Length; at++)
        {
            bool takeRight = left == middle || (right < order.Length && secondIsFirst(spare[left], spare[right]));
            order[at] = takeRight ? spare[right++] : spare[left++];
        }
    }

    // null: neither less, equal nor greater, as NaN is to everything
    private static int? Compare(RenderContext context, object? left, object? right, string operation)
    {
        context.Step();
        if (PythonText.TryGet(left, out string? text) && PythonText.TryGet(right, out string? other))
        {
            context.Scan(Math.Min(text.Length, other.Length));
            return CompareCodePoints(text, other);
        }
        if (PythonNumber.IsNumber(left) && PythonNumber.IsNumber(right))
            return PythonNumber.Compare(left!, right!);
        if ((left is JinjaList && right is JinjaList) || (left is JinjaTuple && right is JinjaTuple))
            return CompareSequences(context, (JinjaSequence)left, (JinjaSequence)right, operation);
        if (left is Undefined missing || (missing = (right as Undefined)!) is not null)
            throw missing.Error(context);
        throw context.Error($"'{operation}' not supported between instances of '{TypeNames.Of(left)}' and '{TypeNames.Of(right)}'");
    }

    private static int? CompareSequences(RenderContext context, JinjaSequence left, JinjaSequence right, string operation)
    {
        context.Enter();
        int? result = left.Items.Length.CompareTo(right.Items.Length);
        for (int i = 0; i < Math.Min(left.Items.Length, right.Items.Length); i++)
        {
            if (Equality.AreEqual(context, left.Items[i], right.Items[i]))
                continue;
            result = Compare(context, left.Items[i], right.Items[i], operation);
            break;
        }
        context.Leave();
        return result;
    }

    // by code point: pairs stand for larger numbers than any single character
    private static int CompareCodePoints(string left, string right)
    {
        int same = left.AsSpan().CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
            return left.Length.CompareTo(right.Length);
        char a = left[same];
        char b = right[same];
        return char.IsSurrogate(a) != char.IsSurrogate(b) ? (char.IsSurrogate(a) ? 1 : -1) : a.CompareTo(b);
    }
}
