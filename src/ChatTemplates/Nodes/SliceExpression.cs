using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary><c>value[start:stop:step]</c></summary>
internal sealed class SliceExpression : Expression
{
    private readonly Expression _target;
    private readonly Expression? _start;
    private readonly Expression? _stop;
    private readonly Expression? _step;

    public SliceExpression(int offset, Expression target, Expression? start, Expression? stop, Expression? step)
        : base(offset)
    {
        _target = target;
        _start = start;
        _stop = stop;
        _step = step;
    }

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? target = _target.Evaluate(context, scope);
        object? start = _start?.Evaluate(context, scope);
        object? stop = _stop?.Evaluate(context, scope);
        object? step = _step?.Evaluate(context, scope);
        context.At(Offset);
        return Slicing.Of(context, target, start, stop, step);
    }
}
