using MiniMind.MLNet.Dpo.Tokenization.Jinja.Python;
using MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

/// <summary><c>{% for target in items if filter recursive %} … {% else %} … {% endfor %}</c>; each iteration has its own variables.</summary>
internal sealed class ForStatement : Statement
{
    private readonly AssignmentTarget _target;
    private readonly Expression _items;
    private readonly Expression? _filter;
    private readonly bool _isRecursive;
    private readonly Block _body;
    private readonly Block? _otherwise;
    private readonly int _loopName;

    public ForStatement(int offset, AssignmentTarget target, Expression items, Expression? filter, bool isRecursive, Block body, Block? otherwise, int loopName)
        : base(offset)
    {
        _target = target;
        _items = items;
        _filter = filter;
        _isRecursive = isRecursive;
        _body = body;
        _otherwise = otherwise;
        _loopName = loopName;
    }

    protected override Flow ExecuteInside(RenderContext context, Scope scope) => Run(context, scope, _items.Evaluate(context, scope), 0);

    private Flow Run(RenderContext context, Scope scope, object? value, int depth0)
    {
        context.At(_items.Offset);
        IEnumerable<object?> items = Iteration.Items(context, value);
        long length = _filter is null ? Iteration.TryLength(context, value) : -1;
        if (_filter is not null)
            items = Filtered(context, scope, items, _filter);
        Func<RenderContext, object?, int, string>? recurse = !_isRecursive ? null : (inner, children, depth) => Recurse(inner, scope, children, depth);
        LoopState loop = new(items, length, depth0, recurse);
        bool finishedOne = false;
        while (loop.MoveNext())
        {
            context.Step();
            Scope iteration = new(scope);
            iteration.Set(_loopName, loop);
            _target.Assign(context, iteration, loop.Current);
            Flow flow = _body.Execute(context, iteration);
            finishedOne |= flow == Flow.Next;
            if (flow == Flow.Break)
                break;
        }

        // as in Jinja, an iteration that breaks or continues does not count as one, and a jump in the else part is one of the loop outside
        return finishedOne || _otherwise is null ? Flow.Next : _otherwise.Execute(context, new Scope(scope));
    }

    private string Recurse(RenderContext context, Scope scope, object? children, int depth0)
    {
        context.Enter();
        string text = context.Capture((this, scope, children, depth0), static (context, state) =>
            state.Item1.Run(context, state.scope, state.children, state.depth0));
        context.Leave();
        return text;
    }

    // one by one, so that what the body sets is seen when the next item is tried
    private IEnumerable<object?> Filtered(RenderContext context, Scope scope, IEnumerable<object?> items, Expression filter)
    {
        foreach (object? original in items)
        {
            context.Step();
            object? item = _target.Repack(context, original);
            Scope trial = new(scope);
            _target.Assign(context, trial, item);
            if (Truth.Of(context, filter.Evaluate(context, trial)))
                yield return item;
        }
    }
}
