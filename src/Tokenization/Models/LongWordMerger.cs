using System.Buffers;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>Byte pair merges of very long words over the byte-level alphabet; the ids are those of the library's merges.</summary>
internal sealed class LongWordMerger
{
    private readonly PairMerges _merges;
    private readonly int[] _idsOfBytes = new int[256];
    private readonly int _unknownId = -1;
    private readonly bool _fusesUnknown;

    public LongWordMerger(MergeModel model)
    {
        _merges = new PairMerges(model);
        if (model.UnknownToken is { } unknown)
            _unknownId = model.Vocabulary[unknown];
        _fusesUnknown = model.FusesUnknown;
        for (int value = 0; value < 256; value++)
            _idsOfBytes[value] = model.Vocabulary.GetValueOrDefault(ByteLevelAlphabet.CharacterOf((byte)value).ToString(), -1);
    }

    /// <summary>Adds the ids of a word of well-formed UTF-16.</summary>
    public void Encode(ReadOnlySpan<char> word, List<int> ids) => _merges.Merge(Symbols(word), [], ids, byteLengths: null);

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
