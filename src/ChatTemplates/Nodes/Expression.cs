namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>A piece of a template that has a value.</summary>
internal abstract class Expression
{
    protected Expression(int offset) => Offset = offset;

    /// <summary>Where errors of this expression are.</summary>
    public int Offset { get; }

    public virtual object? Evaluate(RenderContext context, Scope scope)
    {
        context.Enter(Offset);
        object? value = EvaluateInside(context, scope);
        context.Leave();
        return value;
    }

    protected abstract object? EvaluateInside(RenderContext context, Scope scope);
}
