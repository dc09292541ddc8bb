using MiniMind.MLNet.Dpo.Tokenization.Jinja.Python;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

/// <summary>
/// <c>{% set target | filters %} … {% endset %}</c> and <c>{% filter filters %} … {% endfilter %}</c>: text that is kept or printed after filters have changed
/// it.
/// </summary>
internal sealed class CaptureStatement : Statement
{
    private readonly AssignmentTarget? _target;
    private readonly Expression _result;
    private readonly int _captureName;
    private readonly Block _body;

    /// <param name="offset">Where errors of this statement are.</param>
    /// <param name="target">Where the text goes; null to print it.</param>
    /// <param name="result">The text filtered: filters around a <see cref="CapturedText"/>.</param>
    /// <param name="captureName">The number of the name that the <see cref="CapturedText"/> reads.</param>
    /// <param name="body">What renders the text.</param>
    public CaptureStatement(int offset, AssignmentTarget? target, Expression result, int captureName, Block body)
        : base(offset)
    {
        _target = target;
        _result = result;
        _captureName = captureName;
        _body = body;
    }

    protected override Flow ExecuteInside(RenderContext context, Scope scope)
    {
        Flow flow = Flow.Next;
        Scope inner = new(scope);
        string text = context.Capture(_body, (captured, body) => flow = body.Execute(captured, inner));
        if (flow != Flow.Next)
            return flow;
        Scope filtering = new(scope);
        filtering.Set(_captureName, text);
        object? result = _result.Evaluate(context, filtering);
        context.At(Offset);
        if (_target is not null)
            _target.Assign(context, scope, result);
        else if (PythonText.TryGet(result, out string? filtered))
            context.Output.Append(filtered);
        else
            throw context.Error($"the filters of a filter block give text, not {TypeNames.Of(result)}");
        return Flow.Next;
    }
}
