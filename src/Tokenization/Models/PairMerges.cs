namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>Byte pair merges of a sequence of symbols in n log n steps; the ids are the reference's.</summary>
internal sealed class PairMerges
{
    private const int Merged = -1;
    private readonly Dictionary<long, (int Rank, int Id)> _merges;

    public PairMerges(MergeModel model)
    {
        _merges = new(model.Merges.Count);
        for (int rank = 0; rank < model.Merges.Count; rank++)
        {
            (string left, string right) = model.Merges[rank];
            _merges[Key(model.Vocabulary[left], model.Vocabulary[right])] = (rank, model.Vocabulary[left + right]);
        }
    }

    /// <summary>Merges symbols and adds what is left of them to the lists.</summary>
    /// <param name="symbols">Ids; overwritten.</param>
    /// <param name="lengths">The length of each in bytes, or empty where nobody asks; overwritten.</param>
    /// <param name="ids">Gets the ids.</param>
    /// <param name="byteLengths">Gets the lengths, where there are any.</param>
    public void Merge(int[] symbols, int[] lengths, List<int> ids, List<int>? byteLengths)
    {
        int count = symbols.Length;
        int[] previous = new int[count], next = new int[count];
        PriorityQueue<(int Position, int Id), long> queue = new();
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
            if (right >= count || !_merges.TryGetValue(Key(symbols[left], symbols[right]), out (int, int Id) now) || now.Id != merge.Id)
                continue;
            symbols[left] = merge.Id;
            symbols[right] = Merged;
            if (lengths.Length > 0)
                lengths[left] += lengths[right];
            next[left] = next[right];
            if (next[left] < count)
                previous[next[left]] = left;
            if (previous[left] >= 0)
                Enqueue(previous[left]);
            Enqueue(left);
        }
        for (int i = 0; i < count; i++)
        {
            if (symbols[i] == Merged)
                continue;
            ids.Add(symbols[i]);
            byteLengths?.Add(lengths[i]);
        }

        void Enqueue(int left)
        {
            int right = next[left];
            if (right < count && _merges.TryGetValue(Key(symbols[left], symbols[right]), out (int Rank, int Id) found))
                queue.Enqueue((left, found.Id), (long)found.Rank << 32 | (uint)left);
        }
    }

    // a merged symbol's -1 is no id, so that no key has it
    private static long Key(int left, int right) => (long)left << 32 | (uint)right;
}
