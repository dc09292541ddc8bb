namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>The places of a text's literal characters, which no added token may hold.</summary>
/// <param name="places">The places, ascending.</param>
internal readonly ref struct LiteralCharacters(ReadOnlySpan<int> places)
{
    private readonly ReadOnlySpan<int> _places = places;

    /// <summary>Whether one of them lies in a range.</summary>
    /// <param name="start">Where the range starts.</param>
    /// <param name="end">Where it ends; not part of it.</param>
    public bool AnyIn(int start, int end)
    {
        if (_places.IsEmpty)
            return false;
        int at = _places.BinarySearch(start);
        if (at < 0)
            at = ~at;
        return at < _places.Length && _places[at] < end;
    }
}
