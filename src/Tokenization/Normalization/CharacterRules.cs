using System.Buffers.Binary;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>SentencePiece's compiled rules of what characters become: a double array over UTF-8, and the texts that it points to.</summary>
/// <remarks>The length of the array in bytes, its units of 32 bits (as darts-clone writes them), then texts that end with a zero byte.</remarks>
internal sealed class CharacterRules
{
    private const uint LeafFlag = 1 << 8, WideFlag = 1 << 9, NoLabel = 1u << 31;
    private readonly uint[] _units;
    private readonly byte[] _texts;

    /// <summary>Reads the rules.</summary>
    /// <exception cref="FormatException">They are damaged.</exception>
    public CharacterRules(ReadOnlySpan<byte> bytes)
    {
        uint size = bytes.Length < sizeof(uint) ? uint.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size > bytes.Length - sizeof(uint) || size % sizeof(uint) != 0 || size == 0)
            throw new FormatException("the rules end within their table");
        _units = new uint[size / sizeof(uint)];
        for (int i = 0; i < _units.Length; i++)
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(sizeof(uint) * (i + 1))..]);
        _texts = bytes[(sizeof(uint) + (int)size)..].ToArray();
    }

    /// <summary>What the shortest beginning of a text that has a rule becomes; <see langword="null"/> where none has one.</summary>
    /// <param name="text">The text in UTF-8.</param>
    /// <exception cref="InvalidDataException">The rules point beyond their end.</exception>
    public string? Find(ReadOnlySpan<byte> text)
    {
        uint position = Offset(_units[0]);
        foreach (byte value in text)
        {
            position ^= value;
            if (value == 0 || position >= _units.Length || (_units[position] & (NoLabel | 0xFF)) != value)
                return null;
            uint unit = _units[position];
            position ^= Offset(unit);
            if ((unit & LeafFlag) != 0)
                return TextAt(position < _units.Length ? _units[position] & ~NoLabel : uint.MaxValue);
        }
        return null;
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & WideFlag) >> 6);

    private string TextAt(uint start)
    {
        ReadOnlySpan<byte> rest = start < _texts.Length ? _texts.AsSpan((int)start) : default;
        int length = rest.IndexOf((byte)0);
        if (length is < 0 or > TokenizerLimits.PutInCharacters)
            throw new InvalidDataException($"{TokenizerText.FileName}: normalizer.precompiled_charsmap is damaged: a rule points beyond its texts.");
        return Encoding.UTF8.GetString(rest[..length]);
    }
}
