using System.Buffers;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Byte pair merges of very long words, in n log n steps; the ids are those of the library's merges.</summary>
internal sealed class LongWordMerger
{
    private const int Merged = -1;
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges;
    private readonly int[] _idsOfBytes = new int[256];
    private readonly int _unknownId = -1;
    private readonly bool _fusesUnknown;

    public LongWordMerger(MergeModel model)
    {
        _merges = new(model.Merges.Count);
        for (int rank = 0; rank < model.Merges.Count; rank++)
        {
            (string left, string right) = model.Merges[rank];
            _merges[(model.Vocabulary[left], model.Vocabulary[right])] = (rank, model.Vocabulary[left + right]);
        }
        if (model.UnknownToken is { } unknown)
            _unknownId = model.Vocabulary[unknown];
        _fusesUnknown = model.FusesUnknown;
        for (int value = 0; value < 256; value++)
            _idsOfBytes[value] = model.Vocabulary.GetValueOrDefault(ByteLevelAlphabet.CharacterOf((byte)value).ToString(), -1);
    }

    /// <summary>Adds the ids of a word of well-formed UTF-16.</summary>
    public void Encode(ReadOnlySpan<char> word, List<int> ids)
    {
        int[] symbols = Symbols(word);
        int count = symbols.Length;
        int[] previous = new int[count], next = new int[count];
        PriorityQueue<(int Position, int Id), (int Rank, int Position)> queue = new();
        for (int i = 0; i < count; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1;
        }
        for (int i = 0; i + 1 < count; i++)
            Enqueue(i);

        while (queue.TryDequeue(out (int Position, int Id) merge, out _))
        {
            int left = merge.Position, right = next[left];
            // skipped where one of the two has merged with another since, unless the pair there now makes the same token
            if (right >= count || !_merges.TryGetValue((symbols[left], symbols[right]), out (int, int Id) now) || now.Id != merge.Id)
                continue;
            symbols[left] = merge.Id;
            symbols[right] = Merged;
            next[left] = next[right];
            if (next[left] < count)
                previous[next[left]] = left;
            if (previous[left] >= 0)
                Enqueue(previous[left]);
            Enqueue(left);
        }
        foreach (int symbol in symbols)
        {
            if (symbol != Merged)
                ids.Add(symbol);
        }

        void Enqueue(int left)
        {
            int right = next[left];
            if (right < count && _merges.TryGetValue((symbols[left], symbols[right]), out (int Rank, int Id) found))
                queue.Enqueue((left, found.Id), (found.Rank, left));
        }
    }

    private int[] Symbols(ReadOnlySpan<char> word)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        List<int> symbols = new(word.Length);
        bool afterUnknown = false;
        foreach (byte value in bytes.AsSpan(0, Encoding.UTF8.GetBytes(word, bytes)))
        {
            int id = _idsOfBytes[value];
            bool isUnknown = id < 0;
            if (!isUnknown)
                symbols.Add(id);
            else if (_unknownId >= 0 && !(afterUnknown && _fusesUnknown))
                symbols.Add(_unknownId);
            afterUnknown = isUnknown;
        }
        ArrayPool<byte>.Shared.Return(bytes);
        return [.. symbols];
    }
}
