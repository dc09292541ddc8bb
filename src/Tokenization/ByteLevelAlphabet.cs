namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>The printable characters that byte-level vocabularies write bytes with (GPT-2's <c>bytes_to_unicode</c>).</summary>
/// <remarks>Printable bytes of Latin-1 stand for themselves; the other 68 are counted up from U+0100.</remarks>
internal static class ByteLevelAlphabet
{
    private const int NotInAlphabet = -1;
    private static readonly char[] s_characters = new char[256];
    private static readonly short[] s_bytes = new short[0x144];

    static ByteLevelAlphabet()
    {
        Array.Fill(s_bytes, (short)NotInAlphabet);
        int next = 0x100;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
            char character = printable ? (char)value : (char)next++;
            s_characters[value] = character;
            s_bytes[character] = (short)value;
        }
    }

    /// <summary>The character that stands for a byte.</summary>
    public static char CharacterOf(byte value) => s_characters[value];

    /// <summary>Whether every character of a token stands for a byte.</summary>
    public static bool Covers(ReadOnlySpan<char> token)
    {
        foreach (char character in token)
        {
            if (character >= s_bytes.Length || s_bytes[character] == NotInAlphabet)
                return false;
        }

        return true;
    }

    /// <summary>The bytes of a token that <see cref="Covers"/> accepts.</summary>
    public static byte[] BytesOf(ReadOnlySpan<char> token)
    {
        byte[] bytes = new byte[token.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)s_bytes[token[i]];
        return bytes;
    }

    /// <summary>Writes bytes as characters of the alphabet.</summary>
    public static void Write(ReadOnlySpan<byte> bytes, Span<char> characters)
    {
        for (int i = 0; i < bytes.Length; i++)
            characters[i] = s_characters[bytes[i]];
    }
}
