namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A Python generator or iterator: its items can be had once, and are computed when asked for.</summary>
internal sealed class JinjaGenerator(IEnumerable<object?> items, string typeName = "generator") : JinjaObject
{
    private readonly IEnumerator<object?> _items = items.GetEnumerator();

    public override string TypeName => typeName;

    public override IEnumerable<object?> Remaining(RenderContext context)
    {
        while (true)
        {
            // generators over generators nest as deep as a loop can wrap them
            context.Enter();
            bool found = _items.MoveNext();
            context.Leave();
            if (!found)
                yield break;
            yield return _items.Current;
        }
    }
}
