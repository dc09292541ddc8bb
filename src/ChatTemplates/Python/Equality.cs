using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Python's <c>==</c>.</summary>
internal static class Equality
{
    public static bool AreEqual(RenderContext context, object? left, object? right)
    {
        if (ReferenceEquals(left, right)) return left is not double.NaN;
        if (left is null || right is null) return false;
        if (PythonText.TryGet(left, out string? text)) return PythonText.TryGet(right, out string? other) && TextsAreEqual(context, text, other);
        if (PythonNumber.IsNumber(left)) return PythonNumber.IsNumber(right) && PythonNumber.Compare(left, right) == 0;
        return (left, right) switch
        {
            (JinjaList a, JinjaList b) => SequencesAreEqual(context, a, b),
            (JinjaTuple a, JinjaTuple b) => SequencesAreEqual(context, a, b),
            (JinjaDict a, JinjaDict b) => DictsAreEqual(context, a, b),
            (Undefined, Undefined) => true,
            (JinjaRange a, JinjaRange b) => HashKey.Of(context, a).Equals(HashKey.Of(context, b)),
            (DictView a, DictView b) => ViewsAreEqual(context, a, b),
            _ => false,
        };
    }

    private static bool TextsAreEqual(RenderContext context, string left, string right)
    {
        if (left.Length != right.Length) return false;
        context.Scan(left.Length);
        return left == right;
    }

    private static bool SequencesAreEqual(RenderContext context, JinjaSequence left, JinjaSequence right)
    {
        if (left.Items.Length != right.Items.Length) return false;
        context.Enter();
        for (int i = 0; i < left.Items.Length; i++)
        {
            context.Step();
            if (!AreEqual(context, left.Items[i], right.Items[i]))
            {
                context.Leave();
                return false;
            }
        }
        context.Leave();
        return true;
    }

    private static bool DictsAreEqual(RenderContext context, JinjaDict left, JinjaDict right)
    {
        if (left.Count != right.Count) return false;
        context.Enter();
        bool equal = true;
        foreach ((object? key, object? value) in left.Entries)
        {
            context.Step();
            if (!right.TryGet(HashKey.Of(context, key), out object? other) || !AreEqual(context, value, other))
            {
                equal = false;
                break;
            }
        }
        context.Leave();
        return equal;
    }

    private static bool ViewsAreEqual(RenderContext context, DictView left, DictView right)
    {
        if (left.Kind == DictViewKind.Values || right.Kind == DictViewKind.Values) return false;
        if (left.Kind != right.Kind) throw context.Error("comparing keys with items of a dict is not supported");
        if (left.Kind == DictViewKind.Items) return DictsAreEqual(context, left.Dict, right.Dict);
        context.Step(left.Dict.Count);
        return left.Dict.Count == right.Dict.Count
            && left.Dict.Entries.All(entry => right.Dict.TryGet(HashKey.Of(context, entry.Key), out _));
    }
}
