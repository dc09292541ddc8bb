using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>A variable by its name.</summary>
internal sealed class VariableExpression : Expression
{
    private readonly string _name;
    private readonly int _number;

    public VariableExpression(int offset, string name, int number)
        : base(offset)
    {
        _name = name;
        _number = number;
    }

    public override object? Evaluate(RenderContext context, Scope scope)
    {
        context.Step();
        object? value = scope.Find(_number);
        return value is Missing ? Undefined.Variable(_name) : value;
    }

    protected override object? EvaluateInside(RenderContext context, Scope scope) => Evaluate(context, scope);
}
