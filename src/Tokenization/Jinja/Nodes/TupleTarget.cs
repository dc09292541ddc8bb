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
        object?[] items = Unpack(context, value);
        for (int i = 0; i < items.Length; i++)
            _targets[i].Assign(context, scope, items[i]);
        context.Leave();
    }

    public override object? Repack(RenderContext context, object? value)
    {
        context.Enter(_offset);
        object?[] items = Unpack(context, value);
        context.ChargeItems(items.Length);
        object?[] packed = new object?[items.Length];
        for (int i = 0; i < items.Length; i++)
            packed[i] = _targets[i].Repack(context, items[i]);
        context.Leave();
        return new JinjaTuple(packed);
    }

    private object?[] Unpack(RenderContext context, object? value)
    {
        if (value is not JinjaSequence && Iteration.TryItems(context, value) is null)
            throw context.Error($"cannot unpack non-iterable {TypeNames.Of(value)} object");
        object?[] items = Iteration.ToArray(context, value);
        if (items.Length < _targets.Length)
            throw context.Error($"not enough values to unpack (expected {_targets.Length}, got {items.Length})");
        if (items.Length > _targets.Length)
            throw context.Error($"too many values to unpack (expected {_targets.Length})");
        return items;
    }
}
