using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>{% macro name(parameters) %} … {% endmacro %}</c></summary>
internal sealed class MacroStatement : Statement
{
    private readonly int _name;
    private readonly MacroBody _body;

    public MacroStatement(int offset, int name, MacroBody body)
        : base(offset)
    {
        _name = name;
        _body = body;
    }

    protected override Flow ExecuteInside(RenderContext context, Scope scope)
    {
        scope.Set(_name, new Macro(_body, scope));
        return Flow.Next;
    }
}
