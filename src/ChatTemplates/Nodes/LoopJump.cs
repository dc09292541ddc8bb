namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>{% break %}</c> or <c>{% continue %}</c></summary>
internal sealed class LoopJump : Statement
{
    private readonly Flow _flow;

    public LoopJump(int offset, Flow flow)
        : base(offset) => _flow = flow;

    protected override Flow ExecuteInside(RenderContext context, Scope scope) => _flow;
}
