using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>value.name</c></summary>
internal sealed class AttributeExpression(int offset, Expression target, string name) : CompoundExpression(offset)
{
    public Expression Target => target;

    public string Name => name;

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? value = target.Evaluate(context, scope);
        context.At(Offset);
        return Attributes.Get(context, value, name);
    }
}

/// <summary><c>value[key]</c></summary>
internal sealed class ItemExpression(int offset, Expression target, Expression key) : CompoundExpression(offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? value = target.Evaluate(context, scope), at = key.Evaluate(context, scope);
        context.At(Offset);
        return Attributes.GetItem(context, value, at);
    }
}

/// <summary><c>value[start:stop:step]</c></summary>
internal sealed class SliceExpression(int offset, Expression target, Expression? start, Expression? stop, Expression? step) : CompoundExpression(offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? value = target.Evaluate(context, scope);
        object? first = start?.Evaluate(context, scope), end = stop?.Evaluate(context, scope), stride = step?.Evaluate(context, scope);
        context.At(Offset);
        return Slicing.Of(context, value, first, end, stride);
    }
}
