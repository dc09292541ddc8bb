using MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

/// <summary>A list or tuple written out.</summary>
internal sealed class SequenceExpression : Expression
{
    private readonly Expression[] _items;
    private readonly bool _isTuple;

    public SequenceExpression(int offset, Expression[] items, bool isTuple)
        : base(offset)
    {
        _items = items;
        _isTuple = isTuple;
    }

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        context.ChargeItems(_items.Length);
        object?[] items = new object?[_items.Length];
        for (int i = 0; i < items.Length; i++)
            items[i] = _items[i].Evaluate(context, scope);
        return _isTuple ? new JinjaTuple(items) : new JinjaList(items);
    }
}
