namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

/// <summary><c>{% generation %} … {% endgeneration %}</c>: what the model itself wrote, noted for training masks.</summary>
internal sealed class GenerationStatement : Statement
{
    private readonly Block _body;

    public GenerationStatement(int offset, Block body)
        : base(offset) => _body = body;

    protected override Flow ExecuteInside(RenderContext context, Scope scope)
    {
        int start = context.BeginGeneration();
        _body.Execute(context, new Scope(scope));
        context.EndGeneration(start);
        return Flow.Next;
    }
}
