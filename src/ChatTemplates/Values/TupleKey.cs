namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A tuple as a dict key: equal to another with equal items.</summary>
internal sealed class TupleKey : IEquatable<TupleKey>
{
    private readonly object[] _items;
    private readonly int _hash;

    public TupleKey(object[] items)
    {
        _items = items;
        HashCode hash = new();
        foreach (object item in items)
            hash.Add(item);
        _hash = hash.ToHashCode();
    }

    public bool Equals(TupleKey? other) => other is not null && _hash == other._hash && _items.AsSpan().SequenceEqual(other._items);

    public override bool Equals(object? other) => Equals(other as TupleKey);

    public override int GetHashCode() => _hash;
}
