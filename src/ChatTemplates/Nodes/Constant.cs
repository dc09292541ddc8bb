namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>A literal text, number, truth value or none.</summary>
internal sealed class Constant : Expression
{
    public Constant(int offset, object? value)
        : base(offset) => Value = value;

    public object? Value { get; }

    public override object? Evaluate(RenderContext context, Scope scope)
    {
        context.Step();
        return Value;
    }

    protected override object? EvaluateInside(RenderContext context, Scope scope) => Value;
}
