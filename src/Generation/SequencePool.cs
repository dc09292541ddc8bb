using System.Diagnostics;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>The few readers that requests share: each has one of its own while it goes on, and whoever rests longest gives his to a newcomer.</summary>
/// <remarks>
/// So a stream that nobody reads on holds nothing but its reader, until another request needs it. It can go on nevertheless, and then reads its tokens again.
/// A request that goes on keeps its reader: with more requests than readers, taking it away for every token would make each of them read all its tokens for
/// each.
/// <see cref="Of"/> is called by one thread at a time, the rest by any.
/// </remarks>
/// <param name="model">Makes the readers.</param>
/// <param name="capacity">The most readers.</param>
internal sealed class SequencePool(IReadableModel model, int capacity) : IDisposable
{
    /// <summary>How long a request that goes on may take between two tokens, while others ask too.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _change = new();
    private readonly List<Place> _places = [];
    private readonly HashSet<object> _asking = [];

    /// <summary>Says that a request wants its next token.</summary>
    public void Ask(object request)
    {
        lock (_change)
            _asking.Add(request);
    }

    /// <summary>Says that it has it, or wants it no longer.</summary>
    public void Rest(object request)
    {
        lock (_change)
        {
            _asking.Remove(request);
            if (PlaceOf(request) is { } place)
                place.Used = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>The reader of a request; null while all are with others that go on.</summary>
    /// <param name="request">The request.</param>
    /// <param name="sequence">What it wants to be read.</param>
    public ISequenceReader? Of(object request, ReadOnlySpan<int> sequence)
    {
        lock (_change)
        {
            Place? place = PlaceOf(request) ?? Free(sequence) ?? Resting();
            if (place is null)
                return null;
            place.Request = request;
            return place.Reader;
        }
    }

    /// <summary>Ends a request; what its reader remembers serves the next one that begins alike.</summary>
    public void Release(object request)
    {
        lock (_change)
        {
            if (PlaceOf(request) is { } place)
                place.Request = null;
        }
    }

    public void Dispose()
    {
        lock (_change)
        {
            foreach (Place place in _places)
                place.Reader.Dispose();
            _places.Clear();
        }
    }

    private Place? PlaceOf(object request) => _places.Find(place => place.Request == request);

    /// <summary>A place that nobody has: the one that remembers most of the sequence, or else a new one.</summary>
    private Place? Free(ReadOnlySpan<int> sequence)
    {
        Place? best = null;
        int longest = -1;
        foreach (Place place in _places)
        {
            int shared = place.Request is null ? place.Reader.Read.CommonPrefixLength(sequence) : -1;
            if (shared > longest)
                (best, longest) = (place, shared);
        }
        if (best is null && _places.Count < capacity)
            _places.Add(best = new Place { Reader = model.NewReader() });
        return best;
    }

    /// <summary>The place of the request that rests longest: at once where nobody else asks, or else after a pause.</summary>
    private Place? Resting()
    {
        Place? longest = _places.Where(place => !_asking.Contains(place.Request!)).MinBy(place => place.Used);
        return longest is null || (_asking.Count > 1 && Stopwatch.GetElapsedTime(longest.Used) < s_pause) ? null : longest;
    }

    private sealed class Place
    {
        public required ISequenceReader Reader { get; init; }

        public object? Request { get; set; }

        public long Used { get; set; }
    }
}
