using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>value[key]</c></summary>
internal sealed class ItemExpression : Expression
{
    private readonly Expression _target;
    private readonly Expression _key;

    public ItemExpression(int offset, Expression target, Expression key)
        : base(offset)
    {
        _target = target;
        _key = key;
    }

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? target = _target.Evaluate(context, scope);
        object? key = _key.Evaluate(context, scope);
        context.At(Offset);
        return Attributes.GetItem(context, target, key);
    }
}
