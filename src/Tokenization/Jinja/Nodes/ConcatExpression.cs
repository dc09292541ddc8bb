using MiniMind.MLNet.Dpo.Tokenization.Jinja.Python;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

/// <summary><c>a ~ b ~ c</c>: the operands as text, one after the other.</summary>
internal sealed class ConcatExpression : Expression
{
    private readonly Expression[] _operands;

    public ConcatExpression(int offset, Expression[] operands)
        : base(offset) => _operands = operands;

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        string[] parts = new string[_operands.Length];
        long length = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            object? value = _operands[i].Evaluate(context, scope);
            context.At(_operands[i].Offset);
            parts[i] = PythonRepr.Text(context, value);
            length += parts[i].Length;
        }
        context.ChargeText(length);
        return string.Concat(parts);
    }
}
