using System.Runtime.InteropServices;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>Byte pair encoding over characters, as SentencePiece's vocabularies of Llama 2, Mistral and Gemma have it.</summary>
internal sealed class CharacterMerger : IWordModel
{
    private readonly PairMerges _merges;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _vocabulary;
    private readonly int[] _characters = new int[char.MaxValue + 1];
    private readonly ByteTokens? _bytes;
    private readonly WordCache _cache = new();
    private readonly int _unknownId = -1;
    private readonly bool _fusesUnknown;
    private readonly bool _ignoresMerges;

    public CharacterMerger(MergeModel model)
    {
        _merges = new PairMerges(model);
        _vocabulary = new Dictionary<string, int>(model.Vocabulary, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        Array.Fill(_characters, -1);
        foreach ((string token, int id) in model.Vocabulary)
        {
            if (token.Length == 1)
                _characters[token[0]] = id;
        }

        _bytes = model.FallsBackToBytes ? new ByteTokens(model.Vocabulary) : null;
        if (model.UnknownToken is { } unknown)
            _unknownId = model.Vocabulary[unknown];
        _fusesUnknown = model.FusesUnknown;
        _ignoresMerges = model.IgnoresMerges;
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
        if (_ignoresMerges && _vocabulary.TryGetValue(word, out int whole))
        {
            ids.Add(whole);
            byteLengths?.Add(Encoding.UTF8.GetByteCount(word));
        }
        else
        {
            int[] symbols = Symbols(word, out int[] lengths);
            _merges.Merge(symbols, byteLengths is null ? [] : lengths, ids, byteLengths);
        }
        _cache.Add(word, CollectionsMarshal.AsSpan(ids)[first..]);
    }

    private int[] Symbols(ReadOnlySpan<char> word, out int[] byteLengths)
    {
        List<int> symbols = new(word.Length), lengths = new(word.Length);
        Span<byte> bytes = stackalloc byte[4];
        Span<int> ids = stackalloc int[4];
        int unknown = 0; // bytes of characters that no token has, before what comes next
        foreach (Rune rune in word.EnumerateRunes())
        {
            int length = rune.Utf8SequenceLength;
            if (IdOf(rune) is var id and >= 0)
            {
                AddUnknown(ref unknown);
                symbols.Add(id);
                lengths.Add(length);
            }
            else if (_bytes is not null && _bytes.TryWrite(bytes[..rune.EncodeToUtf8(bytes)], ids))
            {
                // those that lack a token stay behind them until a character has one, as in the reference
                for (int i = 0; i < length; i++)
                {
                    symbols.Add(ids[i]);
                    lengths.Add(1);
                }
            }
            else
            {
                if (!_fusesUnknown)
                    AddUnknown(ref unknown);
                unknown += length;
            }
        }
        AddUnknown(ref unknown);
        byteLengths = [.. lengths];
        return [.. symbols];

        void AddUnknown(ref int length)
        {
            if (length > 0 && _unknownId >= 0)
            {
                symbols.Add(_unknownId);
                lengths.Add(length);
            }
            length = 0;
        }
    }

    private int IdOf(Rune rune)
    {
        if (rune.IsBmp)
            return _characters[rune.Value];
        Span<char> pair = stackalloc char[2];
        rune.EncodeToUtf16(pair);
        return _vocabulary.TryGetValue(pair, out int id) ? id : -1;
    }
}
