namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>Text between tags.</summary>
internal sealed class TextStatement : Statement
{
    private readonly string _text;

    public TextStatement(int offset, string text)
        : base(offset) => _text = text;

    public override Flow Execute(RenderContext context, Scope scope)
    {
        context.At(Offset);
        context.Output.Append(_text);
        return Flow.Next;
    }

    protected override Flow ExecuteInside(RenderContext context, Scope scope) => Execute(context, scope);
}
