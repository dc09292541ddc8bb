using MiniMind.MLNet.Dpo.Tokenization.Jinja.Python;
using MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

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
        if (Extra is null && ExtraKeywords is null)
        {
            return Positional.Length + Keywords.Length == 0
                ? CallArguments.Empty
                : new CallArguments(EvaluatePositional(context, scope), EvaluateKeywords(context, scope));
        }
        object?[] positional = EvaluatePositional(context, scope);
        if (Extra is not null)
        {
            object?[] extra = Iteration.ToArray(context, Extra.Evaluate(context, scope));
            context.ChargeItems(positional.Length + extra.Length);
            positional = [.. positional, .. extra];
        }
        KeyValuePair<string, object?>[] keywords = EvaluateKeywords(context, scope);
        if (ExtraKeywords is not null)
            keywords = [.. keywords, .. Spread(context, ExtraKeywords.Evaluate(context, scope))];
        return new CallArguments(positional, keywords);
    }

    private object?[] EvaluatePositional(RenderContext context, Scope scope)
    {
        object?[] values = new object?[Positional.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = Positional[i].Evaluate(context, scope);
        return values;
    }

    private KeyValuePair<string, object?>[] EvaluateKeywords(RenderContext context, Scope scope)
    {
        if (Keywords.Length == 0)
            return [];
        KeyValuePair<string, object?>[] values = new KeyValuePair<string, object?>[Keywords.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = new(Keywords[i].Key, Keywords[i].Value.Evaluate(context, scope));
        return values;
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
