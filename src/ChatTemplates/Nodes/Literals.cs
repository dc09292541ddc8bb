using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>A literal text, number, truth value or none.</summary>
internal sealed class Constant(int offset, object? value) : Expression(offset)
{
    public object? Value => value;

    public override object? Evaluate(RenderContext context, Scope scope)
    {
        context.Step();
        return value;
    }
}

/// <summary>What a block rendered, as the value that the filters of a <c>filter</c> or <c>set</c> block start from.</summary>
internal sealed class CapturedText(int offset, int number) : CompoundExpression(offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope) => scope.Find(number);
}

/// <summary>A variable by its name.</summary>
internal sealed class VariableExpression(int offset, string name, int number) : Expression(offset)
{
    public override object? Evaluate(RenderContext context, Scope scope)
    {
        context.Step();
        object? value = scope.Find(number);
        return value is Missing ? Undefined.Variable(name) : value;
    }
}

/// <summary>A list or tuple written out.</summary>
internal sealed class SequenceExpression(int offset, Expression[] items, bool isTuple) : CompoundExpression(offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        context.ChargeItems(items.Length);
        object?[] values = new object?[items.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = items[i].Evaluate(context, scope);
        return isTuple ? new JinjaTuple(values) : new JinjaList(values);
    }
}

/// <summary>A dict written out.</summary>
internal sealed class DictExpression(int offset, (Expression Key, Expression Value)[] entries) : CompoundExpression(offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        context.ChargeItems(2L * entries.Length);
        JinjaDict dict = new(entries.Length);
        foreach ((Expression keyExpression, Expression valueExpression) in entries)
        {
            object? key = keyExpression.Evaluate(context, scope), value = valueExpression.Evaluate(context, scope);
            context.At(keyExpression.Offset);
            dict.Set(HashKey.Of(context, key), key is MarkupText markup ? markup.Text : key, value);
        }
        return dict;
    }
}
