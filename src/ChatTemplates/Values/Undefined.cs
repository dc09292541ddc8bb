using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>What a missing name, attribute or item evaluates to: empty when printed, false, without items; anything else done with it is an error.</summary>
internal sealed class Undefined
{
    private readonly string? _hint;
    private readonly object? _owner;
    private readonly object? _name;

    private Undefined(string? hint, object? owner, object? name)
    {
        _hint = hint;
        _owner = owner;
        _name = name;
    }

    public static Undefined Variable(string name) => new(null, Missing.Value, name);

    /// <summary>What <paramref name="owner"/> has no attribute or item for.</summary>
    public static Undefined Attribute(object? owner, object? name) => new(null, owner, name);

    public static Undefined Because(string hint) => new(hint, null, null);

    public TemplateException Error(RenderContext context) => context.Error(Describe(context));

    private string Describe(RenderContext context)
    {
        if (_hint is not null)
            return _hint;
        string name = PythonRepr.Of(context, _name);
        if (_owner is Missing)
            return $"{name} is undefined";
        return _name is string
            ? $"'{TypeNames.Describe(_owner)}' has no attribute {name}"
            : $"{TypeNames.Describe(_owner)} has no element {name}";
    }
}
