using MiniMind.MLNet.Dpo.Tokenization.Jinja.Python;
using MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

/// <summary>Several targets that share out the items of one value.</summary>
internal sealed class TupleTarget : AssignmentTarget
{
    private readonly int _offset;
    private readonly AssignmentTarget[] _targets;

    public TupleTarget(int offset, AssignmentTarget[] targets)
    {
        _offset = offset;
        _targets = targets;
    }

    public override void Assign(RenderContext context, Scope scope, object? value)
    {
        context.Enter(_offset);
        object?[] items = value is JinjaSequence sequence ? sequence.Items : ItemsOf(context, value);
        if (items.Length < _targets.Length)
            throw context.Error($"not enough values to unpack (expected {_targets.Length}, got {items.Length})");
        if (items.Length > _targets.Length)
            throw context.Error($"too many values to unpack (expected {_targets.Length})");
        for (int i = 0; i < items.Length; i++)
            _targets[i].Assign(context, scope, items[i]);
        context.Leave();
    }

    private static object?[] ItemsOf(RenderContext context, object? value)
    {
        if (Iteration.TryItems(context, value) is null)
            throw context.Error($"cannot unpack non-iterable {TypeNames.Of(value)} object");
        return Iteration.ToArray(context, value);
    }
}
