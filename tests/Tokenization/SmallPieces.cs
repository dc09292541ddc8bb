using System.Buffers.Binary;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>Writes a small SentencePiece model, by the numbers of sentencepiece_model.proto.</summary>
internal sealed class SmallPieces
{
    private readonly List<byte[]> _pieces = [];

    /// <summary>1 for unigram, 2 for BPE.</summary>
    public int Kind { get; init; }

    public bool FallsBackToBytes { get; init; }

    public bool RemovesSpaces { get; init; }

    public byte[] Charsmap { get; init; } = [];

    public string Rules { get; init; } = "identity";

    /// <summary>How many pieces there are.</summary>
    public int Count => _pieces.Count;

    /// <summary>Adds a piece.</summary>
    public SmallPieces Add(string text, float score, int kind)
    {
        byte[] single = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(single, score);
        _pieces.Add([.. Field(1, Encoding.UTF8.GetBytes(text)), (2 << 3) | 5, .. single, .. Number(3, kind)]);
        return this;
    }

    /// <summary>The file.</summary>
    public byte[] ToBytes() =>
    [
        .. _pieces.SelectMany(piece => Field(1, piece)),
        .. Field(2, [.. Number(3, Kind), .. Number(35, FallsBackToBytes ? 1 : 0)]),
        .. Field(3, [.. Field(1, Encoding.UTF8.GetBytes(Rules)), .. Charsmap.Length > 0 ? Field(2, Charsmap) : [], .. Number(4, RemovesSpaces ? 1 : 0)]),
    ];

    private static byte[] Field(int number, byte[] bytes) => [.. Varint((number << 3) | 2), .. Varint(bytes.Length), .. bytes];

    private static byte[] Number(int field, int value) => [.. Varint(field << 3), .. Varint(value)];

    private static byte[] Varint(int value)
    {
        List<byte> bytes = new();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }
}
