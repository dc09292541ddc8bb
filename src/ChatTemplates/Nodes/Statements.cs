using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>Statements one after the other.</summary>
internal sealed class Block(int offset, Statement[] statements) : Statement(offset)
{
    public override Flow Execute(RenderContext context, Scope scope)
    {
        foreach (Statement statement in statements)
        {
            Flow flow = statement.Execute(context, scope);
            if (flow != Flow.Next)
                return flow;
        }
        return Flow.Next;
    }

    protected override Flow ExecuteInside(RenderContext context, Scope scope) => Execute(context, scope);
}

/// <summary>Text between tags.</summary>
internal sealed class TextStatement(int offset, string text) : Statement(offset)
{
    public override Flow Execute(RenderContext context, Scope scope)
    {
        context.At(Offset);
        context.Output.Append(text);
        return Flow.Next;
    }

    protected override Flow ExecuteInside(RenderContext context, Scope scope) => Execute(context, scope);
}

/// <summary><c>{{ value }}</c></summary>
internal sealed class PrintStatement(int offset, Expression value) : PlainStatement(offset)
{
    protected override void Run(RenderContext context, Scope scope)
    {
        object? printed = value.Evaluate(context, scope);
        context.At(Offset);
        context.Output.Append(PythonRepr.Text(context, printed));
    }
}

/// <summary><c>{% set target = value %}</c></summary>
internal sealed class SetStatement(int offset, AssignmentTarget target, Expression value) : PlainStatement(offset)
{
    protected override void Run(RenderContext context, Scope scope) => target.Assign(context, scope, value.Evaluate(context, scope));
}

/// <summary>
/// <c>{% set target | filters %} … {% endset %}</c> and <c>{% filter filters %} … {% endfilter %}</c>:
/// text that is kept or printed after filters have changed it.
/// </summary>
/// <param name="offset">Where errors of this statement are.</param>
/// <param name="target">Where the text goes; null to print it.</param>
/// <param name="result">The text filtered: filters around a <see cref="CapturedText"/>.</param>
/// <param name="captureName">The number of the name that the <see cref="CapturedText"/> reads.</param>
/// <param name="body">What renders the text.</param>
internal sealed class CaptureStatement(int offset, AssignmentTarget? target, Expression result, int captureName, Block body) : Statement(offset)
{
    protected override Flow ExecuteInside(RenderContext context, Scope scope)
    {
        Flow flow = Flow.Next;
        Scope inner = new(scope);
        string text = context.Capture(body, (captured, block) => flow = block.Execute(captured, inner));
        if (flow != Flow.Next)
            return flow;
        Scope filtering = new(scope);
        filtering.Set(captureName, text);
        object? value = result.Evaluate(context, filtering);
        context.At(Offset);
        if (target is not null)
            target.Assign(context, scope, value);
        else if (PythonText.TryGet(value, out string? filtered))
            context.Output.Append(filtered);
        else
            throw context.Error($"the filters of a filter block give text, not {TypeNames.Of(value)}");
        return Flow.Next;
    }
}

/// <summary><c>{% with a = 1, b = 2 %} … {% endwith %}</c>: variables that end with the block.</summary>
internal sealed class WithStatement(int offset, (AssignmentTarget Target, Expression Value)[] assignments, Block body) : Statement(offset)
{
    protected override Flow ExecuteInside(RenderContext context, Scope scope)
    {
        Scope inner = new(scope);
        foreach ((AssignmentTarget target, Expression value) in assignments)
            target.Assign(context, inner, value.Evaluate(context, scope));
        return body.Execute(context, inner);
    }
}

/// <summary><c>{% if %} … {% elif %} … {% else %} … {% endif %}</c>; what a branch sets, the block around it sees.</summary>
internal sealed class IfStatement(int offset, (Expression Condition, Block Body)[] branches, Block? otherwise) : Statement(offset)
{
    protected override Flow ExecuteInside(RenderContext context, Scope scope)
    {
        foreach ((Expression condition, Block body) in branches)
        {
            if (Truth.Of(context, condition.Evaluate(context, scope)))
                return body.Execute(context, scope);
        }

        return otherwise?.Execute(context, scope) ?? Flow.Next;
    }
}

/// <summary><c>{% break %}</c> or <c>{% continue %}</c></summary>
internal sealed class LoopJump(int offset, Flow flow) : Statement(offset)
{
    protected override Flow ExecuteInside(RenderContext context, Scope scope) => flow;
}

/// <summary><c>{% for target in items if filter recursive %} … {% else %} … {% endfor %}</c>; each iteration has its own variables.</summary>
internal sealed class ForStatement(
    int offset, AssignmentTarget target, Expression items, Expression? filter, bool isRecursive, Block body, Block? otherwise, int loopName) : Statement(offset)
{
    protected override Flow ExecuteInside(RenderContext context, Scope scope) => Run(context, scope, items.Evaluate(context, scope), 0);

    private Flow Run(RenderContext context, Scope scope, object? value, int depth0)
    {
        context.At(items.Offset);
        IEnumerable<object?> row = Iteration.Items(context, value);
        long length = filter is null ? Iteration.TryLength(context, value) : -1;
        if (filter is not null)
            row = Filtered(context, scope, row, filter);
        Func<RenderContext, object?, int, string>? recurse = !isRecursive ? null : (inner, children, depth) => Recurse(inner, scope, children, depth);
        LoopState loop = new(row, length, depth0, recurse);
        bool finishedOne = false;
        while (loop.MoveNext())
        {
            context.Step();
            Scope iteration = new(scope);
            iteration.Set(loopName, loop);
            target.Assign(context, iteration, loop.Current);
            Flow flow = body.Execute(context, iteration);
            finishedOne |= flow == Flow.Next;
            if (flow == Flow.Break)
                break;
        }

        // as in Jinja, an iteration that breaks or continues does not count as one, and a jump in the else part is one of the loop outside
        return finishedOne || otherwise is null ? Flow.Next : otherwise.Execute(context, new Scope(scope));
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
    private IEnumerable<object?> Filtered(RenderContext context, Scope scope, IEnumerable<object?> row, Expression condition)
    {
        foreach (object? original in row)
        {
            context.Step();
            object? item = target.Repack(context, original);
            Scope trial = new(scope);
            target.Assign(context, trial, item);
            if (Truth.Of(context, condition.Evaluate(context, trial)))
                yield return item;
        }
    }
}
