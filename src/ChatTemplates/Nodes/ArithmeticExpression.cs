using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>Operands with operators of one rank between them, applied from the left.</summary>
internal sealed class ArithmeticExpression : Expression
{
    private readonly Expression _first;
    private readonly (string Operator, int Offset, Expression Operand)[] _rest;

    public ArithmeticExpression(Expression first, (string Operator, int Offset, Expression Operand)[] rest)
        : base(first.Offset)
    {
        _first = first;
        _rest = rest;
    }

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? value = _first.Evaluate(context, scope);
        foreach ((string operation, int offset, Expression operand) in _rest)
        {
            object? right = operand.Evaluate(context, scope);
            context.At(offset);
            context.Step();
            value = operation == "+" ? Arithmetic.Add(context, value, right) : Arithmetic.Apply(context, operation, value, right);
        }
        return value;
    }
}
