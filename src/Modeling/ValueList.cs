namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A list that is compared by what it holds, so that the record that holds it is.</summary>
/// <param name="Items">The items, or <see langword="null"/> for no list.</param>
internal readonly record struct ValueList<T>(IReadOnlyList<T>? Items)
{
    public bool Equals(ValueList<T> other) => Items is null ? other.Items is null : other.Items is not null && Items.SequenceEqual(other.Items);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (T item in Items ?? [])
            hash.Add(item);
        return hash.ToHashCode();
    }
}
