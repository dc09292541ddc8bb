namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A Python dict: keys in the order they came in. Filled while it is built, never changed by a template.</summary>
public sealed class JinjaDict
{
    private const int LinearSearchLimit = 8;

    private readonly List<KeyValuePair<object?, object?>> _entries;

    // null as long as there are few keys and all are strings
    private Dictionary<object, int>? _index;

    /// <summary>An empty dict with room for some entries.</summary>
    public JinjaDict(int capacity = 4) => _entries = new List<KeyValuePair<object?, object?>>(capacity);

    /// <summary>How many entries there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Keys and values in the order in which the keys came.</summary>
    public IReadOnlyList<KeyValuePair<object?, object?>> Entries => _entries;

    /// <summary>Adds an entry; a key that is there already keeps its place and takes the new value, as in Python.</summary>
    public void Set(string key, object? value) => Set(key, key, value);

    /// <summary>
    /// Adds an entry; a key that is there already keeps its place and takes the new value, as in Python.
    /// <paramref name="hashedKey"/> is the key by <see cref="HashKey"/>: for a string the string itself.
    /// </summary>
    internal void Set(object hashedKey, object? key, object? value)
    {
        int at = IndexOf(hashedKey);
        if (at >= 0)
        {
            _entries[at] = new(_entries[at].Key, value);
            return;
        }
        if (_index is null && (_entries.Count == LinearSearchLimit || hashedKey is not string))
        {
            _index = [];
            for (int i = 0; i < _entries.Count; i++)
                _index.Add(_entries[i].Key!, i);
        }
        _index?.Add(hashedKey, _entries.Count);
        _entries.Add(new(key, value));
    }

    /// <summary>The value under a key, if it is there.</summary>
    public bool TryGet(string key, out object? value) => TryGet((object)key, out value);

    internal bool TryGet(object hashedKey, out object? value)
    {
        int at = IndexOf(hashedKey);
        value = at < 0 ? null : _entries[at].Value;
        return at >= 0;
    }

    private int IndexOf(object hashedKey)
    {
        if (_index is not null)
            return _index.TryGetValue(hashedKey, out int at) ? at : -1;
        if (hashedKey is not string text)
            return -1;
        for (int i = 0; i < _entries.Count; i++)
        {
            if ((string)_entries[i].Key! == text)
                return i;
        }

        return -1;
    }
}
