namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A Python list.</summary>
public sealed class JinjaList : JinjaSequence
{
    /// <summary>A list of the given items, which it keeps.</summary>
    public JinjaList(object?[] items)
        : base(items)
    {
    }

    /// <inheritdoc/>
    public override JinjaSequence With(object?[] items) => new JinjaList(items);
}
