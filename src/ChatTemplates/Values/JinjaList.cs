namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A Python list.</summary>
/// <param name="items">Its items; the list keeps the array.</param>
public sealed class JinjaList(object?[] items) : JinjaSequence(items)
{
    /// <inheritdoc/>
    public override JinjaSequence With(object?[] items) => new JinjaList(items);
}
