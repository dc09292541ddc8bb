namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Token ids that are compared by what they are, so that the record that holds them is.</summary>
/// <param name="Ids">The ids, or <see langword="null"/> for no list.</param>
internal readonly record struct TokenIds(IReadOnlyList<int>? Ids)
{
    public bool Equals(TokenIds other) => Ids is null ? other.Ids is null : other.Ids is not null && Ids.SequenceEqual(other.Ids);

    public override int GetHashCode() => Ids?.Aggregate(Ids.Count, HashCode.Combine) ?? 0;
}
