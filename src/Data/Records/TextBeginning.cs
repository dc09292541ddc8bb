namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>What may stand before the first record of a text file.</summary>
internal static class TextBeginning
{
    /// <summary>Bytes to have at hand to see any of it.</summary>
    public const int LongestMark = 16;

    /// <summary>The length of the byte order mark, or 0.</summary>
    public static int MarkLength(ReadOnlySpan<byte> text) => text.StartsWith("\uFEFF"u8) ? 3 : 0;

    /// <summary>The first line with its end where it only says the delimiter (<c>sep=;</c>, as Excel reads it); else nothing.</summary>
    public static ReadOnlySpan<byte> DelimiterLine(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("sep="u8) || text.Length < 6)
            return default;
        int end = text[5] == '\n' ? 6 : text[5] == '\r' && text.Length > 6 && text[6] == '\n' ? 7 : 0;
        return text[..end];
    }
}
