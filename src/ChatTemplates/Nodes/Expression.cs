namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>A piece of a template that has a value.</summary>
internal abstract class Expression(int offset)
{
    /// <summary>Where errors of this expression are.</summary>
    public int Offset => offset;

    public abstract object? Evaluate(RenderContext context, Scope scope);
}

/// <summary>An expression made of others: evaluating it goes a level deeper.</summary>
internal abstract class CompoundExpression(int offset) : Expression(offset)
{
    public sealed override object? Evaluate(RenderContext context, Scope scope)
    {
        context.Enter(Offset);
        object? value = EvaluateInside(context, scope);
        context.Leave();
        return value;
    }

    protected abstract object? EvaluateInside(RenderContext context, Scope scope);
}
