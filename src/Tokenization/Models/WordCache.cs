using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>The ids of words met lately; bounded, and safe to use from many threads.</summary>
/// <remarks>A full cache is emptied: words of natural text come back within few lines, so it fills again with what is in use.</remarks>
internal sealed class WordCache
{
    /// <summary>The most words that are kept.</summary>
    public const int Capacity = 1 << 16;

    /// <summary>The longest word that is kept; longer ones hardly come twice.</summary>
    public const int MaxWordLength = 32;

    private readonly ConcurrentDictionary<string, int[]> _idsByWord = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private int _count;

    public WordCache() => _lookup = _idsByWord.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>How many words are kept now.</summary>
    public int Count => _idsByWord.Count;

    /// <summary>The ids of a word, if they are kept.</summary>
    public bool TryGet(ReadOnlySpan<char> word, [NotNullWhen(true)] out int[]? ids)
    {
        ids = null;
        return word.Length <= MaxWordLength && _lookup.TryGetValue(word, out ids);
    }

    /// <summary>Keeps the ids of a word.</summary>
    public void Add(ReadOnlySpan<char> word, ReadOnlySpan<int> ids)
    {
        if (word.Length > MaxWordLength || !_lookup.TryAdd(word, ids.ToArray()))
            return;
        if (Interlocked.Increment(ref _count) < Capacity)
            return;
        _idsByWord.Clear();
        Volatile.Write(ref _count, 0);
    }
}
