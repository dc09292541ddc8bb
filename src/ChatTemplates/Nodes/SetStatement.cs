namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>{% set target = value %}</c></summary>
internal sealed class SetStatement : Statement
{
    private readonly AssignmentTarget _target;
    private readonly Expression _value;

    public SetStatement(int offset, AssignmentTarget target, Expression value)
        : base(offset)
    {
        _target = target;
        _value = value;
    }

    protected override Flow ExecuteInside(RenderContext context, Scope scope)
    {
        object? value = _value.Evaluate(context, scope);
        _target.Assign(context, scope, value);
        return Flow.Next;
    }
}
