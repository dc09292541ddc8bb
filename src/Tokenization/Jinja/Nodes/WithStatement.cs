namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

/// <summary><c>{% with a = 1, b = 2 %} … {% endwith %}</c>: variables that end with the block.</summary>
internal sealed class WithStatement : Statement
{
    private readonly (AssignmentTarget Target, Expression Value)[] _assignments;
    private readonly Block _body;

    public WithStatement(int offset, (AssignmentTarget Target, Expression Value)[] assignments, Block body)
        : base(offset)
    {
        _assignments = assignments;
        _body = body;
    }

    protected override Flow ExecuteInside(RenderContext context, Scope scope)
    {
        Scope inner = new(scope);
        foreach ((AssignmentTarget target, Expression value) in _assignments)
            target.Assign(context, inner, value.Evaluate(context, scope));
        return _body.Execute(context, inner);
    }
}
