using System.Text;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>The one kind of value that a template may change: attributes set with <c>{% set name.attribute = value %}</c>.</summary>
internal sealed class JinjaNamespace : JinjaObject
{
    private readonly OrderedDictionary<string, object?> _attributes = new(StringComparer.Ordinal);

    public override string TypeName => "Namespace";

    public override string Description => "jinja2.utils.Namespace object";

    public override bool HasPrivateNames => true;

    public override object? Attribute(RenderContext context, string name) => _attributes.TryGetValue(name, out object? value) ? value : Missing.Value;

    public void Set(string name, object? value) => _attributes[name] = value;

    public override void Write(RenderContext context, StringBuilder text)
    {
        text.Append("<Namespace ");
        PythonRepr.WriteEntries(context, text, _attributes.Select(pair => new KeyValuePair<object?, object?>(pair.Key, pair.Value)));
        text.Append('>');
    }
}
