namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

/// <summary>A Python list.</summary>
internal sealed class JinjaList : JinjaSequence
{
    public static readonly JinjaList Empty = new([]);

    public JinjaList(object?[] items)
        : base(items)
    {
    }

    public override JinjaSequence With(object?[] items) => new JinjaList(items);
}
