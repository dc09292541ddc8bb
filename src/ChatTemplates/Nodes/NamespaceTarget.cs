using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>An attribute of a namespace as target.</summary>
internal sealed class NamespaceTarget : AssignmentTarget
{
    private readonly VariableExpression _namespace;
    private readonly string _attribute;

    public NamespaceTarget(VariableExpression @namespace, string attribute)
    {
        _namespace = @namespace;
        _attribute = attribute;
    }

    public override void Assign(RenderContext context, Scope scope, object? value)
    {
        context.At(_namespace.Offset);
        if (_namespace.Evaluate(context, scope) is not JinjaNamespace names)
            throw context.Error("cannot assign attribute on non-namespace object");
        context.ChargeItems(1);
        names.Set(_attribute, value);
    }
}
