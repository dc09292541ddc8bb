using MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

/// <summary>A dict written out.</summary>
internal sealed class DictExpression : Expression
{
    private readonly (Expression Key, Expression Value)[] _entries;

    public DictExpression(int offset, (Expression Key, Expression Value)[] entries)
        : base(offset) => _entries = entries;

    protected override object? EvaluateInside(RenderContext context, Scope scope)
    {
        context.ChargeItems(2L * _entries.Length);
        JinjaDict dict = new(_entries.Length);
        foreach ((Expression keyExpression, Expression valueExpression) in _entries)
        {
            object? key = keyExpression.Evaluate(context, scope);
            object? value = valueExpression.Evaluate(context, scope);
            context.At(keyExpression.Offset);
            dict.Set(HashKey.Of(context, key), key is MarkupText markup ? markup.Text : key, value);
        }
        return dict;
    }
}
