using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>What a <c>set</c>, <c>for</c> or <c>with</c> puts values into.</summary>
internal abstract class AssignmentTarget
{
    public abstract void Assign(RenderContext context, Scope scope, object? value);

    /// <summary>The value as the target holds it: Jinja's loops with a filter hand on what was unpacked, packed anew.</summary>
    public virtual object? Repack(RenderContext context, object? value) => value;
}

/// <summary>A variable as target.</summary>
internal sealed class NameTarget(int number) : AssignmentTarget
{
    public override void Assign(RenderContext context, Scope scope, object? value) => scope.Set(number, value);
}

/// <summary>An attribute of a namespace as target.</summary>
internal sealed class NamespaceTarget(VariableExpression owner, string attribute) : AssignmentTarget
{
    public override void Assign(RenderContext context, Scope scope, object? value)
    {
        context.At(owner.Offset);
        if (owner.Evaluate(context, scope) is not JinjaNamespace names)
            throw context.Error("cannot assign attribute on non-namespace object");
        context.ChargeItems(1);
        names.Set(attribute, value);
    }
}

/// <summary>Several targets that share out the items of one value.</summary>
internal sealed class TupleTarget(int offset, AssignmentTarget[] targets) : AssignmentTarget
{
    public override void Assign(RenderContext context, Scope scope, object? value)
    {
        context.Enter(offset);
        object?[] items = Unpack(context, value);
        for (int i = 0; i < items.Length; i++)
            targets[i].Assign(context, scope, items[i]);
        context.Leave();
    }

    public override object? Repack(RenderContext context, object? value)
    {
        context.Enter(offset);
        object?[] items = Unpack(context, value);
        context.ChargeItems(items.Length);
        object?[] packed = new object?[items.Length];
        for (int i = 0; i < items.Length; i++)
            packed[i] = targets[i].Repack(context, items[i]);
        context.Leave();
        return new JinjaTuple(packed);
    }

    private object?[] Unpack(RenderContext context, object? value)
    {
        if (value is not JinjaSequence && Iteration.TryItems(context, value) is null)
            throw context.Error($"cannot unpack non-iterable {TypeNames.Of(value)} object");
        object?[] items = Iteration.ToArray(context, value);
        if (items.Length < targets.Length)
            throw context.Error($"not enough values to unpack (expected {targets.Length}, got {items.Length})");
        if (items.Length > targets.Length)
            throw context.Error($"too many values to unpack (expected {targets.Length})");
        return items;
    }
}
