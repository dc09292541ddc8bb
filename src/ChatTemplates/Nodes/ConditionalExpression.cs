using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>a if condition else b</c>; without an else, undefined where the condition fails.</summary>
internal sealed class ConditionalExpression : Expression
{
    private readonly Expression _condition;
    private readonly Expression _then;
    private readonly Expression? _otherwise;

    public ConditionalExpression(Expression condition, Expression then, Expression? otherwise)
        : base(condition.Offset)
    {
        _condition = condition;
        _then = then;
        _otherwise = otherwise;
    }

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        if (Truth.Of(context, _condition.Evaluate(context, scope)))
            return _then.Evaluate(context, scope);
        return _otherwise is null
            ? Undefined.Because("the inline if-expression evaluated to false and no else section was defined.")
            : _otherwise.Evaluate(context, scope);
    }
}
