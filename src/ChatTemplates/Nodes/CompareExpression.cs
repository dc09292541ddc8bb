using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>One comparison or several in a chain: <c>a &lt; b &lt;= c</c> holds where each neighbouring pair does.</summary>
internal sealed class CompareExpression : Expression
{
    private readonly Expression _first;
    private readonly (string Operator, int Offset, Expression Operand)[] _rest;

    public CompareExpression(Expression first, (string Operator, int Offset, Expression Operand)[] rest)
        : base(first.Offset)
    {
        _first = first;
        _rest = rest;
    }

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? left = _first.Evaluate(context, scope);
        foreach ((string operation, int offset, Expression operand) in _rest)
        {
            object? right = operand.Evaluate(context, scope);
            context.At(offset);
            if (!Holds(context, left, operation, right))
                return false;
            left = right;
        }
        return true;
    }

    private static bool Holds(RenderContext context, object? left, string operation, object? right) => operation switch
    {
        "==" => Equality.AreEqual(context, left, right),
        "!=" => !Equality.AreEqual(context, left, right),
        "in" => Iteration.Contains(context, right, left),
        "not in" => !Iteration.Contains(context, right, left),
        _ => Ordering.Holds(context, left, operation, right),
    };
}
