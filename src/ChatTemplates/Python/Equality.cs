using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Python's <c>==</c>.</summary>
internal static class Equality
{
    public static bool AreEqual(RenderContext context, object? left, object? right)
    {
        if (ReferenceEquals(left, right))
            return left is not double.NaN;
        if (left is null || right is null)
            return false;
        if (PythonText.TryGet(left, out string? text))
            return PythonText.TryGet(right, out string? other) && TextsAreEqual(context, text, other);
        if (PythonNumber.IsNumber(left))
            return PythonNumber.IsNumber(right) && PythonNumber.Compare(left, right) == 0;
        return (left, right) switch
        {
            (JinjaList a, JinjaList b) => SequencesAreEqual(context, a, b),
            (JinjaTuple a, JinjaTuple b) => SequencesAreEqual(context, a, b),
            (JinjaDict a, JinjaDict b) => DictsAreEqual(context, a, b),
            (Undefined, Undefined) => true,
            (JinjaRange a, JinjaRange b) => HashKey.Of(context, a).Equals(HashKey.Of(context, b)),
            (DictView, DictView) => throw context.Error("comparing the keys, values or items of dicts is not supported"),
            _ => false,
        };
    }

    private static bool TextsAreEqual(RenderContext context, string left, string right)
    {
        if (left.Length != right.Length)
            return false;
        context.Scan(left.Length);
        return left == right;
    }

    private static bool SequencesAreEqual(RenderContext context, JinjaSequence left, JinjaSequence right)
    {
        if (left.Items.Length != right.Items.Length)
            return false;
        context.Enter();
        bool equal = true;
        for (int i = 0; equal && i < left.Items.Length; i++)
        {
            context.Step();
            equal = AreEqual(context, left.Items[i], right.Items[i]);
        }
        context.Leave();
        return equal;
    }

    private static bool DictsAreEqual(RenderContext context, JinjaDict left, JinjaDict right)
    {
        if (left.Count != right.Count)
            return false;
        context.Enter();
        bool equal = left.Entries.All(entry =>
        {
            context.Step();
            return right.TryGet(HashKey.Of(context, entry.Key), out object? other) && AreEqual(context, entry.Value, other);
        });
        context.Leave();
        return equal;
    }
}
