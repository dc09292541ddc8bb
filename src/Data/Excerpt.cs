using System.Text;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Shortens values for error texts.</summary>
internal static class Excerpt
{
    private const int MaxCharacters = 60;
    private const int Context = 20;

    /// <summary>What stands before and after an offset of valid UTF-8.</summary>
    public static string Around(ReadOnlySpan<byte> utf8, int offset)
    {
        int end = Math.Min(utf8.Length, offset + Context);
        while (end < utf8.Length && IsContinuation(utf8[end]))
            end++;
        return Of(Encoding.UTF8.GetString(utf8[Start(utf8, offset)..end]));
    }

    /// <summary>What stands before an offset, up to which the bytes are valid UTF-8.</summary>
    public static string Before(ReadOnlySpan<byte> utf8, int offset) => Of(Encoding.UTF8.GetString(utf8[Start(utf8, offset)..offset]));

    /// <summary>The beginning of UTF-8 bytes, on one line.</summary>
    public static string Of(ReadOnlySpan<byte> utf8) => Of(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * (MaxCharacters + 1))]));

    /// <summary>The beginning of a text, on one line.</summary>
    public static string Of(string text)
    {
        StringBuilder line = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (line.Length >= MaxCharacters)
                return line.Append('…').ToString();
            line.Append(Rune.IsControl(rune) ? $"\\u{rune.Value:x4}" : rune.ToString());
        }
        return line.ToString();
    }

    private static int Start(ReadOnlySpan<byte> utf8, int offset)
    {
        int start = Math.Max(0, offset - Context);
        while (start < offset && IsContinuation(utf8[start]))
            start++;
        return start;
    }

    private static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;
}
