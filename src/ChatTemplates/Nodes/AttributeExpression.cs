using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>value.name</c></summary>
internal sealed class AttributeExpression : Expression
{
    public AttributeExpression(int offset, Expression target, string name)
        : base(offset)
    {
        Target = target;
        Name = name;
    }

    public Expression Target { get; }

    public string Name { get; }

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? target = Target.Evaluate(context, scope);
        context.At(Offset);
        return Attributes.Get(context, target, Name);
    }
}
