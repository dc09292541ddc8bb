namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>A piece of a template that does something: prints, sets, loops, decides.</summary>
internal abstract class Statement
{
    protected Statement(int offset) => Offset = offset;

    /// <summary>Where errors of this statement are.</summary>
    public int Offset { get; }

    public virtual Flow Execute(RenderContext context, Scope scope)
    {
        context.Enter(Offset);
        Flow flow = ExecuteInside(context, scope);
        context.Leave();
        return flow;
    }

    protected abstract Flow ExecuteInside(RenderContext context, Scope scope);
}
