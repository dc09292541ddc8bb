namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>Statements one after the other.</summary>
internal sealed class Block : Statement
{
    private readonly Statement[] _statements;

    public Block(int offset, Statement[] statements)
        : base(offset) => _statements = statements;

    public override Flow Execute(RenderContext context, Scope scope)
    {
        foreach (Statement statement in _statements)
        {
            Flow flow = statement.Execute(context, scope);
            if (flow != Flow.Next)
                return flow;
        }
        return Flow.Next;
    }

    protected override Flow ExecuteInside(RenderContext context, Scope scope) => Execute(context, scope);
}
