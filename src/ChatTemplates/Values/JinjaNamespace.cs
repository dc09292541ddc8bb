namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>The one kind of value that a template may change: attributes set with <c>{% set name.attribute = value %}</c>.</summary>
internal sealed class JinjaNamespace
{
    private readonly OrderedDictionary<string, object?> _attributes = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, object?>> Attributes => _attributes;

    public void Set(string name, object? value) => _attributes[name] = value;

    public bool TryGet(string name, out object? value) => _attributes.TryGetValue(name, out value);
}
