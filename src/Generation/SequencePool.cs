namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>The few readers that requests share: each has one of its own while it goes on, and whoever rests longest gives his to a newcomer.</summary>
/// <remarks>
/// So a stream that nobody reads on holds nothing but its reader, until another request needs it. It can go on nevertheless, and then reads its tokens again.
/// <see cref="Of"/> is called by one thread at a time, <see cref="Release"/> by any.
/// </remarks>
/// <param name="model">Makes the readers.</param>
/// <param name="capacity">The most readers.</param>
internal sealed class SequencePool(IReadableModel model, int capacity) : IDisposable
{
    private readonly Lock _change = new();
    private readonly List<Place> _places = [];
    private long _clock;

    /// <summary>The reader of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="sequence">What it wants to be read.</param>
    public ISequenceReader Of(object request, ReadOnlySpan<int> sequence)
    {
        lock (_change)
        {
            Place place = _places.Find(p => p.Request == request) ?? Free(sequence);
            (place.Request, place.Used) = (request, ++_clock);
            return place.Reader;
        }
    }

    /// <summary>Ends a request; what its reader remembers serves the next one that begins alike.</summary>
    public void Release(object request)
    {
        lock (_change)
        {
            if (_places.Find(p => p.Request == request) is { } place) place.Request = null;
        }
    }

    public void Dispose()
    {
        lock (_change)
        {
            foreach (Place place in _places) place.Reader.Dispose();
            _places.Clear();
        }
    }

    private Place Free(ReadOnlySpan<int> sequence)
    {
        Place? best = null;
        int longest = -1;
        foreach (Place place in _places)
        {
            int shared = place.Request is null ? place.Reader.Read.CommonPrefixLength(sequence) : -1;
            if (shared > longest) (best, longest) = (place, shared);
        }
        if (best is not null) return best;
        if (_places.Count == capacity) return _places.MinBy(place => place.Used)!;
        _places.Add(best = new Place { Reader = model.NewReader() });
        return best;
    }

    private sealed class Place
    {
        public required ISequenceReader Reader { get; init; }

        public object? Request { get; set; }

        public long Used { get; set; }
    }
}
