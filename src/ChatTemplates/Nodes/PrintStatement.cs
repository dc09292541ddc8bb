using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>{{ value }}</c></summary>
internal sealed class PrintStatement : Statement
{
    private readonly Expression _value;

    public PrintStatement(int offset, Expression value)
        : base(offset) => _value = value;

    protected override Flow ExecuteInside(RenderContext context, Scope scope)
    {
        object? value = _value.Evaluate(context, scope);
        context.At(Offset);
        context.Output.Append(PythonRepr.Text(context, value));
        return Flow.Next;
    }
}
