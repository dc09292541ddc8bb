namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>What <c>cycler(...)</c> gives: each <c>next()</c> is the next of its values, round and round.</summary>
internal sealed class Cycler(object?[] items) : JinjaObject
{
    private static readonly Signature s_none = new("next", 0), s_reset = new("reset", 0);
    private int _position;

    public override string TypeName => "Cycler";

    public override string Description => "jinja2.utils.Cycler object";

    public override object? Attribute(RenderContext context, string name) => name switch
    {
        "current" => items[_position],
        "next" => new BuiltinFunction(name, (inner, arguments) =>
        {
            s_none.Bind(inner, arguments);
            object? current = items[_position];
            _position = (_position + 1) % items.Length;
            return current;
        }),
        "reset" => new BuiltinFunction(name, (inner, arguments) =>
        {
            s_reset.Bind(inner, arguments);
            _position = 0;
            return null;
        }),
        _ => Missing.Value,
    };
}
