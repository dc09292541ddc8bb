using System.Text;
using MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A macro with the scope it was defined in, or the body of a <c>call</c> block as its macro sees it.</summary>
internal sealed class Macro(MacroBody body, Scope scope) : JinjaObject, ICallable
{
    public override string TypeName => "Macro";

    public override string Description => "jinja2.runtime.Macro object";

    public object? Call(RenderContext context, CallArguments arguments)
    {
        context.Enter();
        Scope inner = body.Bind(context, scope, arguments);
        string text = context.Capture((body, inner), static (context, state) => state.body.Body.Execute(context, state.inner));
        context.Leave();
        return text;
    }

    public override object? Attribute(RenderContext context, string name) => name switch
    {
        "name" => body.Name,
        "arguments" => new JinjaTuple([.. body.Parameters.Select(parameter => parameter.Name)]),
        "catch_kwargs" => body.TakesKeywords,
        "catch_varargs" => body.TakesExtra,
        "caller" => body.TakesCaller,
        _ => Missing.Value,
    };

    public override void Write(RenderContext context, StringBuilder text) => text.Append(body.Name is null ? "<Macro anonymous>" : $"<Macro '{body.Name}'>");
}
