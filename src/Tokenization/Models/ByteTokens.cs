using System.Globalization;

namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>The tokens that stand for single bytes in SentencePiece's vocabularies: <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>.</summary>
internal sealed class ByteTokens
{
    private const int Length = 6;
    private readonly int[] _ids = new int[256];

    /// <summary>The byte tokens of a vocabulary; it may lack some.</summary>
    public ByteTokens(IReadOnlyDictionary<string, int> vocabulary)
    {
        for (int value = 0; value < _ids.Length; value++)
            _ids[value] = vocabulary.GetValueOrDefault(NameOf((byte)value), -1);
    }

    /// <summary>How such a vocabulary writes a byte.</summary>
    public static string NameOf(byte value) => $"<0x{value:X2}>";

    /// <summary>The byte that a token stands for, or <see langword="null"/>.</summary>
    public static byte? ValueOf(string token) =>
        token.Length == Length && token.StartsWith("<0x", StringComparison.Ordinal) && token[^1] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value) ? value : null;

    /// <summary>Writes the ids of bytes; where the vocabulary lacks one of them, nothing is written.</summary>
    public bool TryWrite(ReadOnlySpan<byte> bytes, Span<int> ids)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            ids[i] = _ids[bytes[i]];
            if (ids[i] < 0)
                return false;
        }

        return true;
    }
}
