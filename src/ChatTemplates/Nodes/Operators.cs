using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>-value</c> or <c>+value</c>.</summary>
internal sealed class SignExpression(int offset, Expression operand, bool negates) : CompoundExpression(offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? value = operand.Evaluate(context, scope);
        context.At(Offset);
        return negates ? Arithmetic.Negate(context, value) : Arithmetic.Plus(context, value);
    }
}

/// <summary><c>not value</c>, and <c>value is not test</c>.</summary>
internal sealed class NotExpression(int offset, Expression operand) : CompoundExpression(offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope) => !Truth.Of(context, operand.Evaluate(context, scope));
}

/// <summary><c>a and b and c</c> or <c>a or b or c</c>: the first operand that settles it, as it is, else the last.</summary>
internal sealed class LogicExpression(int offset, Expression[] operands, bool isOr) : CompoundExpression(offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? value = null;
        foreach (Expression operand in operands)
        {
            value = operand.Evaluate(context, scope);
            if (Truth.Of(context, value) == isOr)
                break;
        }
        return value;
    }
}

/// <summary>One comparison or several in a chain: <c>a &lt; b &lt;= c</c> holds where each neighbouring pair does.</summary>
internal sealed class CompareExpression(Expression first, (string Operator, int Offset, Expression Operand)[] rest) : CompoundExpression(first.Offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? left = first.Evaluate(context, scope);
        foreach ((string operation, int offset, Expression operand) in rest)
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

/// <summary>Operands with operators of one rank between them, applied from the left.</summary>
internal sealed class ArithmeticExpression(Expression first, (string Operator, int Offset, Expression Operand)[] rest) : CompoundExpression(first.Offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? value = first.Evaluate(context, scope);
        foreach ((string operation, int offset, Expression operand) in rest)
        {
            object? right = operand.Evaluate(context, scope);
            context.At(offset);
            context.Step();
            value = operation == "+" ? Arithmetic.Add(context, value, right) : Arithmetic.Apply(context, operation, value, right);
        }
        return value;
    }
}

/// <summary><c>a ~ b ~ c</c>: the operands as text, one after the other.</summary>
internal sealed class ConcatExpression(int offset, Expression[] operands) : CompoundExpression(offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        string[] parts = new string[operands.Length];
        long length = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            object? value = operands[i].Evaluate(context, scope);
            context.At(operands[i].Offset);
            parts[i] = PythonRepr.Text(context, value);
            length += parts[i].Length;
        }
        context.ChargeText(length);
        return string.Concat(parts);
    }
}

/// <summary><c>a if condition else b</c>; without an else, undefined where the condition fails.</summary>
internal sealed class ConditionalExpression(Expression condition, Expression then, Expression? otherwise) : CompoundExpression(condition.Offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        if (Truth.Of(context, condition.Evaluate(context, scope)))
            return then.Evaluate(context, scope);
        return otherwise is null
            ? Undefined.Because("the inline if-expression evaluated to false and no else section was defined.")
            : otherwise.Evaluate(context, scope);
    }
}
