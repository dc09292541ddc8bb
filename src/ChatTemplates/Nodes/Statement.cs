namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>A piece of a template that does something: prints, sets, loops, decides.</summary>
internal abstract class Statement(int offset)
{
    /// <summary>Where errors of this statement are.</summary>
    public int Offset => offset;

    public virtual Flow Execute(RenderContext context, Scope scope)
    {
        context.Enter(offset);
        Flow flow = ExecuteInside(context, scope);
        context.Leave();
        return flow;
    }

    protected abstract Flow ExecuteInside(RenderContext context, Scope scope);
}

/// <summary>A statement after which the next one always follows.</summary>
internal abstract class PlainStatement(int offset) : Statement(offset)
{
    protected sealed override Flow ExecuteInside(RenderContext context, Scope scope)
    {
        Run(context, scope);
        return Flow.Next;
    }

    protected abstract void Run(RenderContext context, Scope scope);
}
