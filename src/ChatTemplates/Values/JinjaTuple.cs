namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A Python tuple.</summary>
internal class JinjaTuple : JinjaSequence
{
    public JinjaTuple(params object?[] items)
        : base(items)
    {
    }

    public sealed override JinjaSequence With(object?[] items) => new JinjaTuple(items);
}
