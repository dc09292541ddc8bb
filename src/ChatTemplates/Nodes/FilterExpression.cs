using MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>value | filter(arguments)</c></summary>
internal sealed class FilterExpression : Expression
{
    private readonly Expression _value;
    private readonly Filter _filter;
    private readonly ArgumentList _arguments;

    public FilterExpression(int offset, Expression value, Filter filter, ArgumentList arguments)
        : base(offset)
    {
        _value = value;
        _filter = filter;
        _arguments = arguments;
    }

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? value = _value.Evaluate(context, scope);
        Values.CallArguments arguments = _arguments.Evaluate(context, scope);
        context.At(Offset);
        return _filter.Body(context, value, arguments);
    }
}
