using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>{% call(parameters) macro(arguments) %} … {% endcall %}</c>: the macro renders the body where it calls <c>caller()</c>.</summary>
internal sealed class CallStatement : Statement
{
    private readonly CallExpression _call;
    private readonly MacroBody _body;

    public CallStatement(int offset, CallExpression call, MacroBody body)
        : base(offset)
    {
        _call = call;
        _body = body;
    }

    protected override Flow ExecuteInside(RenderContext context, Scope scope)
    {
        object? result = _call.Call(context, scope, new Macro(_body, scope));
        context.At(Offset);
        context.Output.Append(PythonRepr.Text(context, result));
        return Flow.Next;
    }
}
