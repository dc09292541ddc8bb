namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>What <c>keys()</c>, <c>values()</c> and <c>items()</c> of a dict give: it has a length and can be gone over, but no items by number.</summary>
internal sealed class DictView(JinjaDict dict, DictViewKind kind)
{
    public JinjaDict Dict { get; } = dict;

    public DictViewKind Kind { get; } = kind;

    /// <summary>Python hashes the view of values by identity and refuses the other two.</summary>
    public bool IsHashable => Kind == DictViewKind.Values;

    public object? ItemAt(int index)
    {
        KeyValuePair<object?, object?> entry = Dict.Entries[index];
        return Kind switch
        {
            DictViewKind.Keys => entry.Key,
            DictViewKind.Values => entry.Value,
            _ => new JinjaTuple(entry.Key, entry.Value),
        };
    }
}
