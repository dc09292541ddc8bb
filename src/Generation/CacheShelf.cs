namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Caches of conversations that have ended or rest, for those that go on or begin alike; the one that was not used for longest goes first.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="most">How many tokens' keys and values are kept; each cache counts as a block at least, and the last one is kept whatever it has.</param>
internal sealed class CacheShelf(long most) : IDisposable
{
    /// <summary>What a cache counts as at least.</summary>
    public const int Block = 256;

    private readonly List<Entry> _entries = []; // the newest is the last

    /// <summary>How many tokens are kept, as they count.</summary>
    public long Tokens => _entries.Sum(entry => entry.Weight);

    /// <summary>How many caches there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Takes over a cache.</summary>
    /// <param name="sequence">Begins with what it holds.</param>
    /// <param name="kind">Which sequences it is of use for: those of the same kind.</param>
    /// <param name="cache">The cache.</param>
    public void Put(ReadOnlySpan<int> sequence, bool kind, ISequenceCache cache)
    {
        int[] tokens = sequence[..cache.Length].ToArray();
        int longer = _entries.FindIndex(entry => entry.Kind == kind && entry.Tokens.AsSpan().StartsWith(tokens));
        if (tokens.Length == 0 || longer >= 0)
        {
            cache.Dispose();
            if (longer >= 0)
                Touch(longer);
            return;
        }
        Remove(entry => entry.Kind == kind && tokens.AsSpan().StartsWith(entry.Tokens));
        _entries.Add(new Entry(tokens, kind, cache));
        while (Tokens > most && (Count > 1 || most == 0))
        {
            Entry oldest = _entries[0];
            Remove(entry => entry == oldest);
        }
    }

    /// <summary>How many tokens of a sequence's beginning are kept, in the cache that has most.</summary>
    public int Shared(ReadOnlySpan<int> sequence, bool kind) => Best(sequence, kind).Shared;

    /// <summary>A cache with as much of a sequence's beginning as is kept.</summary>
    /// <returns>The caller's own: one that is all of the beginning itself, or the beginning of a longer one; <see langword="null"/> where there is
    /// none.</returns>
    public ISequenceCache? Take(ReadOnlySpan<int> sequence, bool kind)
    {
        (int index, int shared) = Best(sequence, kind);
        if (shared == 0)
            return null;
        Entry entry = _entries[index];
        if (shared < entry.Tokens.Length)
        {
            Touch(index);
            return entry.Cache.Fork(shared);
        }
        _entries.RemoveAt(index);
        return entry.Cache;
    }

    /// <summary>Lets go of all.</summary>
    public void Dispose() => Remove(_ => true);

    private (int Index, int Shared) Best(ReadOnlySpan<int> sequence, bool kind)
    {
        (int index, int longest) = (-1, 0);
        for (int i = 0; i < _entries.Count; i++)
        {
            int shared = _entries[i].Kind == kind ? _entries[i].Tokens.AsSpan().CommonPrefixLength(sequence) : 0;
            if (shared > longest)
                (index, longest) = (i, shared);
        }
        return (index, longest);
    }

    private void Touch(int index)
    {
        Entry entry = _entries[index];
        _entries.RemoveAt(index);
        _entries.Add(entry);
    }

    private void Remove(Func<Entry, bool> which)
    {
        foreach (Entry entry in _entries.Where(which).ToArray())
        {
            _entries.Remove(entry);
            entry.Cache.Dispose();
        }
    }

    private sealed record Entry(int[] Tokens, bool Kind, ISequenceCache Cache)
    {
        public long Weight => (Tokens.Length + Block - 1) / Block * Block;
    }
}
