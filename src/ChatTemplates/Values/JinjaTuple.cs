namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A Python tuple.</summary>
internal class JinjaTuple(params object?[] items) : JinjaSequence(items)
{
    public sealed override JinjaSequence With(object?[] items) => new JinjaTuple(items);
}
