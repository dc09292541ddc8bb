using System.Runtime.InteropServices;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>Finds the most probable sequence of tokens for a word (Viterbi), as the reference's Unigram does.</summary>
internal sealed class UnigramEncoder : IWordModel
{
    private const double UnknownPenalty = 10; // below the least probable token
    private const int None = -1;
    private readonly Dictionary<long, int> _children = new();
    private readonly List<int> _idsOfNodes = [None];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _vocabulary;
    private readonly IReadOnlyList<double> _scores;
    private readonly ByteTokens? _bytes;
    private readonly WordCache _cache = new();
    private readonly double _unknownScore;
    private readonly int? _unknownId;

    public UnigramEncoder(UnigramModel model)
    {
        _vocabulary = new Dictionary<string, int>(model.Vocabulary, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _scores = model.Scores;
        _unknownScore = model.Scores.Min() - UnknownPenalty;
        _unknownId = model.UnknownId;
        _bytes = model.FallsBackToBytes ? new ByteTokens(model.Vocabulary) : null;
        foreach ((string token, int id) in model.Vocabulary)
        {
            int node = 0;
            foreach (char character in token)
            {
                ref int child = ref CollectionsMarshal.GetValueRefOrAddDefault(_children, Key(node, character), out bool exists);
                if (!exists)
                {
                    child = _idsOfNodes.Count;
                    _idsOfNodes.Add(None);
                }
                node = child;
            }
            if (token.Length > 0)
                _idsOfNodes[node] = id;
        }
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> word, List<int> ids, List<int>? byteLengths = null)
    {
        if (byteLengths is null && _cache.TryGet(word, out int[]? known))
        {
            ids.AddRange(known.AsSpan());
            return;
        }
        int first = ids.Count;
        List<(int Start, int End)> pieces = BestPath(word);
        for (int i = pieces.Count - 1; i >= 0; i--)
            AddPiece(word[pieces[i].Start..pieces[i].End], ids, byteLengths);
        _cache.Add(word, CollectionsMarshal.AsSpan(ids)[first..]);
    }

    /// <summary>The pieces of a word, the last first; characters that no token has and that follow each other are one.</summary>
    private List<(int Start, int End)> BestPath(ReadOnlySpan<char> word)
    {
        (double Score, int Start, bool IsUnknown)[] best = new (double, int, bool)[word.Length + 1];
        for (int i = 1; i < best.Length; i++)
            best[i].Start = None;
        for (int start = 0; start < word.Length;)
        {
            int length = char.IsHighSurrogate(word[start]) ? 2 : 1, node = 0;
            bool hasOwn = false;
            for (int end = start; end < word.Length && _children.TryGetValue(Key(node, word[end]), out node);)
            {
                end++;
                if (_idsOfNodes[node] is not (var id and not None))
                    continue;
                Offer(best, start, end, _scores[id], isUnknown: id == _unknownId);
                hasOwn |= end - start == length;
            }
            if (!hasOwn)
                Offer(best, start, start + length, _unknownScore, isUnknown: true);
            start += length;
        }
        List<(int Start, int End)> pieces = new();
        for (int end = word.Length; end > 0; end = best[end].Start)
        {
            bool fuses = best[end].IsUnknown && end < word.Length && best[pieces[^1].End].IsUnknown;
            if (fuses)
                pieces[^1] = (best[end].Start, pieces[^1].End);
            else
                pieces.Add((best[end].Start, end));
        }
        return pieces;
    }

    private static void Offer((double Score, int Start, bool IsUnknown)[] best, int start, int end, double score, bool isUnknown)
    {
        double total = best[start].Score + score;
        if (best[end].Start == None || total > best[end].Score)
            best[end] = (total, start, isUnknown);
    }

    private void AddPiece(ReadOnlySpan<char> piece, List<int> ids, List<int>? byteLengths)
    {
        int length = Encoding.UTF8.GetByteCount(piece);
        if (_vocabulary.TryGetValue(piece, out int id))
        {
            ids.Add(id);
            byteLengths?.Add(length);
            return;
        }
        if (_bytes is not null)
        {
            byte[] bytes = new byte[length];
            int[] tokens = new int[Encoding.UTF8.GetBytes(piece, bytes)];
            if (_bytes.TryWrite(bytes, tokens))
            {
                ids.AddRange(tokens);
                byteLengths?.AddRange(Enumerable.Repeat(1, length));
                return;
            }
        }
        ids.Add(_unknownId ?? throw new InvalidDataException(
            $"{TokenizerText.FileName}: model.unk_id is missing, and no token has the characters '{piece}' of the text; " +
            "a tokenizer that knows them all would do."));
        byteLengths?.Add(length);
    }

    private static long Key(int node, char character) => (long)node << 16 | character;
}
