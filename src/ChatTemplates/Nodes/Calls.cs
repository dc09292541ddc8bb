using MiniMind.MLNet.Dpo.ChatTemplates.Builtins;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>The arguments of a call, filter or test as written.</summary>
/// <param name="Positional">Those by position.</param>
/// <param name="Keywords">Those by name.</param>
/// <param name="Extra">What <c>*</c> spreads into further positions, if anything.</param>
/// <param name="ExtraKeywords">What <c>**</c> spreads into further names, if anything.</param>
internal sealed record ArgumentList(Expression[] Positional, KeyValuePair<string, Expression>[] Keywords, Expression? Extra, Expression? ExtraKeywords)
{
    public static readonly ArgumentList Empty = new([], [], null, null);

    public CallArguments Evaluate(RenderContext context, Scope scope)
    {
        if (ReferenceEquals(this, Empty))
            return CallArguments.Empty;
        object?[] positional = new object?[Positional.Length];
        for (int i = 0; i < positional.Length; i++)
            positional[i] = Positional[i].Evaluate(context, scope);
        if (Extra is not null)
        {
            object?[] extra = Iteration.ToArray(context, Extra.Evaluate(context, scope));
            context.ChargeItems(positional.Length + extra.Length);
            positional = [.. positional, .. extra];
        }
        KeyValuePair<string, object?>[] keywords = Keywords.Length == 0 ? [] : new KeyValuePair<string, object?>[Keywords.Length];
        for (int i = 0; i < keywords.Length; i++)
            keywords[i] = new(Keywords[i].Key, Keywords[i].Value.Evaluate(context, scope));
        if (ExtraKeywords is not null)
            keywords = [.. keywords, .. Spread(context, ExtraKeywords.Evaluate(context, scope))];
        return new CallArguments(positional, keywords);
    }

    private static IEnumerable<KeyValuePair<string, object?>> Spread(RenderContext context, object? value)
    {
        if (value is not JinjaDict dict)
            throw context.Error($"argument after ** must be a mapping, not {TypeNames.Of(value)}");
        context.ChargeItems(dict.Count);
        return dict.Entries.Select(entry => new KeyValuePair<string, object?>(
            entry.Key as string ?? throw context.Error("keywords must be strings"), entry.Value));
    }
}

/// <summary><c>function(arguments)</c> or <c>value.method(arguments)</c></summary>
internal sealed class CallExpression(int offset, Expression function, ArgumentList arguments) : CompoundExpression(offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope) => Call(context, scope, null);

    /// <summary>Calls the function, with the body of a <c>call</c> block as one more keyword argument if there is one.</summary>
    public object? Call(RenderContext context, Scope scope, Macro? caller)
    {
        object? called;
        if (function is AttributeExpression attribute)
        {
            // a method of a built-in type is called without making a value of it first
            object? target = attribute.Target.Evaluate(context, scope);
            context.At(attribute.Offset);
            if (MethodTable.Find(target, attribute.Name) is { } method)
                return method.Body(context, target!, Given(context, scope));
            called = Attributes.Get(context, target, attribute.Name);
        }
        else
        {
            called = function.Evaluate(context, scope);
        }

        CallArguments given = Given(context, scope);
        if (caller is not null)
            given = new CallArguments(given.Positional, [.. given.Keywords, new("caller", caller)]);
        return called switch
        {
            ICallable callable => callable.Call(context, given),
            Undefined undefined => throw undefined.Error(context),
            _ => throw context.Error($"'{TypeNames.Of(called)}' object is not callable"),
        };
    }

    private CallArguments Given(RenderContext context, Scope scope)
    {
        CallArguments given = arguments.Evaluate(context, scope);
        context.At(Offset);
        return given;
    }
}

/// <summary><c>value | filter(arguments)</c></summary>
internal sealed class FilterExpression(int offset, Expression value, Filter filter, ArgumentList arguments) : CompoundExpression(offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? filtered = value.Evaluate(context, scope);
        CallArguments given = arguments.Evaluate(context, scope);
        context.At(Offset);
        return filter.Body(context, filtered, given);
    }
}

/// <summary><c>value is test(arguments)</c></summary>
internal sealed class TestExpression(int offset, Expression value, Test test, ArgumentList arguments) : CompoundExpression(offset)
{
    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        object? tested = value.Evaluate(context, scope);
        CallArguments given = arguments.Evaluate(context, scope);
        context.At(Offset);
        return test.Body(context, tested, given);
    }
}
