using MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A macro with the scope it was defined in, or the body of a <c>call</c> block as its macro sees it.</summary>
internal sealed class Macro : ICallable
{
    private readonly MacroBody _body;
    private readonly Scope _scope;

    public Macro(MacroBody body, Scope scope)
    {
        _body = body;
        _scope = scope;
    }

    /// <summary>The macro's name; null for the body of a <c>call</c> block.</summary>
    public string? Name => _body.Name;

    public object? Call(RenderContext context, CallArguments arguments)
    {
        context.Enter();
        Scope scope = _body.Bind(context, _scope, arguments);
        string text = context.Capture((_body, scope), static (context, state) => state._body.Body.Execute(context, state.scope));
        context.Leave();
        return text;
    }

    /// <summary>The value of an attribute of the macro, or <see cref="Missing.Value"/>.</summary>
    public object? Attribute(string name) => name switch
    {
        "name" => Name,
        "arguments" => new JinjaTuple([.. _body.Parameters.Select(parameter => parameter.Name)]),
        "catch_kwargs" => _body.TakesKeywords,
        "catch_varargs" => _body.TakesExtra,
        "caller" => _body.TakesCaller,
        _ => Missing.Value,
    };
}
