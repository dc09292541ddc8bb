using MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>value is test(arguments)</c></summary>
internal sealed class TestExpression : Expression
{
    private readonly Expression _value;
    private readonly Test _test;
    private readonly ArgumentList _arguments;

    public TestExpression(int offset, Expression value, Test test, ArgumentList arguments)
        : base(offset)
    {
        _value = value;
        _test = test;
        _arguments = arguments;
    }

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? value = _value.Evaluate(context, scope);
        Values.CallArguments arguments = _arguments.Evaluate(context, scope);
        context.At(Offset);
        return _test.Body(context, value, arguments);
    }
}
