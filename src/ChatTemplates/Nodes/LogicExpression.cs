using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>a and b and c</c> or <c>a or b or c</c>: the first operand that settles it, as it is, else the last.</summary>
internal sealed class LogicExpression : Expression
{
    private readonly Expression[] _operands;
    private readonly bool _isOr;

    public LogicExpression(int offset, Expression[] operands, bool isOr)
        : base(offset)
    {
        _operands = operands;
        _isOr = isOr;
    }

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? value = null;
        foreach (Expression operand in _operands)
        {
            value = operand.Evaluate(context, scope);
            if (Truth.Of(context, value) == _isOr)
                break;
        }
        return value;
    }
}
