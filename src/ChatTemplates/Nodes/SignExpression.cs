using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>-value</c> or <c>+value</c>.</summary>
internal sealed class SignExpression : Expression
{
    private readonly Expression _operand;
    private readonly bool _negates;

    public SignExpression(int offset, Expression operand, bool negates)
        : base(offset)
    {
        _operand = operand;
        _negates = negates;
    }

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? value = _operand.Evaluate(context, scope);
        context.At(Offset);
        return _negates ? Arithmetic.Negate(context, value) : Arithmetic.Plus(context, value);
    }
}
