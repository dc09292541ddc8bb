using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>not value</c>, and <c>value is not test</c>.</summary>
internal sealed class NotExpression : Expression
{
    private readonly Expression _operand;

    public NotExpression(int offset, Expression operand)
        : base(offset) => _operand = operand;

    protected override object? EvaluateInside(RenderContext context, Scope scope) => !Truth.Of(context, _operand.Evaluate(context, scope));
}
