using MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

/// <summary>
/// <c>{% generation %} … {% endgeneration %}</c>: what the model itself wrote, noted for training masks. Jinja runs the body as a macro that is called on the
/// spot.
/// </summary>
internal sealed class GenerationStatement : Statement
{
    private readonly MacroBody _body;

    public GenerationStatement(int offset, MacroBody body)
        : base(offset) => _body = body;

    protected override Flow ExecuteInside(RenderContext context, Scope scope)
    {
        int start = context.BeginGeneration();
        _body.Body.Execute(context, _body.Bind(context, scope, CallArguments.Empty));
        context.EndGeneration(start);
        return Flow.Next;
    }
}
