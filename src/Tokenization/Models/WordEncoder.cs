using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>Encodes single words over the byte-level alphabet: Microsoft.ML.Tokenizers does the merges, this type remembers what came out.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class WordEncoder : IWordModel
{
    // the library removes merged symbols one by one from a list: a word of 100,000 Han characters takes it 13 s
    private const int LongWord = 512;
    private readonly BpeTokenizer _merger;
    private readonly LongWordMerger _longWordMerger;
    private readonly WordCache _cache = new();
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? _wholeWords;
    private readonly int[] _byteLengths;

    public WordEncoder(MergeModel model)
    {
        _merger = BpeTokenizer.Create(new BpeOptions(model.Vocabulary)
        {
            Merges = model.Merges.Select(pair => $"{pair.Left} {pair.Right}"),
            ByteLevel = true,
            UnknownToken = model.UnknownToken,
            FuseUnknownTokens = model.FusesUnknown,
        });
        _longWordMerger = new LongWordMerger(model);
        if (model.IgnoresMerges)
            _wholeWords = new Dictionary<string, int>(model.Vocabulary, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _byteLengths = new int[model.Vocabulary.Values.Max() + 1];
        foreach ((string token, int id) in model.Vocabulary)
            _byteLengths[id] = token == model.UnknownToken ? 1 : token.Length;
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> word, List<int> ids, List<int>? byteLengths = null)
    {
        int before = ids.Count;
        Encode(word, ids);
        for (int i = before; byteLengths is not null && i < ids.Count; i++)
            byteLengths.Add(_byteLengths[ids[i]]);
    }

    private void Encode(ReadOnlySpan<char> word, List<int> ids)
    {
        if (_cache.TryGet(word, out int[]? known))
        {
            ids.AddRange(known.AsSpan());
            return;
        }
        int first = ids.Count;
        if (WholeWord(word) is { } whole)
            ids.Add(whole);
        else if (word.Length < LongWord)
            ids.AddRange(_merger.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false));
        else
            _longWordMerger.Encode(word, ids);
        _cache.Add(word, CollectionsMarshal.AsSpan(ids)[first..]);
    }

    private int? WholeWord(ReadOnlySpan<char> word)
    {
        if (_wholeWords is not { } lookup)
            return null;
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        char[] token = ArrayPool<char>.Shared.Rent(bytes.Length);
        try
        {
            int length = Encoding.UTF8.GetBytes(word, bytes);
            ByteLevelAlphabet.Write(bytes.AsSpan(0, length), token);
            return lookup.TryGetValue(token.AsSpan(0, length), out int id) ? id : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<char>.Shared.Return(token);
        }
    }
}
