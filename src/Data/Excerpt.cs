using System.Text;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Shortens values for error texts.</summary>
internal static class Excerpt
{
    private const int MaxCharacters = 60;

    /// <summary>The beginning of UTF-8 bytes, on one line.</summary>
    public static string Of(ReadOnlySpan<byte> utf8) => Of(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * (MaxCharacters + 1))]));

    /// <summary>The beginning of a text, on one line.</summary>
    public static string Of(string text)
    {
        var line = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (line.Length >= MaxCharacters)
                return line.Append('…').ToString();
            line.Append(Rune.IsControl(rune) ? $"\\u{rune.Value:x4}" : rune.ToString());
        }
        return line.ToString();
    }
}
