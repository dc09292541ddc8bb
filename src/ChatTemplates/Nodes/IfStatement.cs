using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>{% if %} … {% elif %} … {% else %} … {% endif %}</c>; what a branch sets, the block around it sees.</summary>
internal sealed class IfStatement : Statement
{
    private readonly (Expression Condition, Block Body)[] _branches;
    private readonly Block? _otherwise;

    public IfStatement(int offset, (Expression Condition, Block Body)[] branches, Block? otherwise)
        : base(offset)
    {
        _branches = branches;
        _otherwise = otherwise;
    }

    protected override Flow ExecuteInside(RenderContext context, Scope scope)
    {
        foreach ((Expression condition, Block body) in _branches)
        {
            if (Truth.Of(context, condition.Evaluate(context, scope)))
                return body.Execute(context, scope);
        }
        return _otherwise?.Execute(context, scope) ?? Flow.Next;
    }
}
