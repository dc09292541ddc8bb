namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Tells text that is not UTF-8 by its first bytes, where that holds for the file and not for single lines of it.</summary>
internal static class TextEncodings
{
    private const int FewestBytes = 8;

    /// <summary>Why a file that begins so is not read; null where it may be UTF-8, or only some of its lines are not.</summary>
    public static string? Find(ReadOnlySpan<byte> beginning)
    {
        if (beginning.Length >= 4 && (beginning.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0])
            || beginning.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xFE, 0xFF])))
        {
            return "the file looks like UTF-32; save it as UTF-8.";
        }

        if (beginning.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || beginning.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) || HasEmptyHalves(beginning))
            return "the file looks like UTF-16; save it as UTF-8.";
        if (beginning.Length >= FewestBytes && !beginning.ContainsAnyExcept((byte)0))
            return "the file begins with nothing but zero bytes, so it was never written whole; copy or make it anew.";
        if (!MostLinesInvalid(beginning))
            return null;
        return IsGbk(beginning)
            ? "the file is not UTF-8 and looks like GBK (GB18030); save it as UTF-8 (such as by iconv -f GB18030 -t UTF-8)."
            : "the file is not UTF-8, perhaps Latin-1 or another code page; save it as UTF-8 (such as by iconv -f LATIN1 -t UTF-8).";
    }

    // UTF-16 without a mark: JSON's and CSV's own characters have a zero byte beside them.
    private static bool HasEmptyHalves(ReadOnlySpan<byte> text)
    {
        text = text[..Math.Min(text.Length, 4096)];
        if (text.Length < FewestBytes)
            return false;
        int even = 0, odd = 0;
        for (int i = 0; i + 1 < text.Length; i += 2)
        {
            even += text[i] == 0 && text[i + 1] != 0 ? 1 : 0;
            odd += text[i + 1] == 0 && text[i] != 0 ? 1 : 0;
        }
        // mostly such pairs, or a text that begins with one and has no other zero bytes, as a Chinese one does
        return (Math.Max(even, odd) * 8 > text.Length && Math.Min(even, odd) * 8 <= Math.Max(even, odd))
            || (Math.Max(even, odd) >= 4 && Math.Min(even, odd) == 0 && (text[0] == 0) != (text[1] == 0));
    }

    private static bool MostLinesInvalid(ReadOnlySpan<byte> text)
    {
        int lines = 0, invalid = 0;
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            int fault = Utf8Text.FirstInvalidByte(line);
            // the last line may be cut inside a character
            invalid += fault >= 0 && (end >= 0 || line.Length - fault >= 4) ? 1 : 0;
            lines++;
            text = end < 0 ? default : text[(end + 1)..];
        }
        return invalid >= 2 && invalid * 2 > lines;
    }

    private static bool IsGbk(ReadOnlySpan<byte> text)
    {
        int pairs = 0, others = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] < 0x80)
                continue;
            bool isPair = i + 1 < text.Length && text[i] is >= 0x81 and <= 0xFE && text[i + 1] is (>= 0x40 and <= 0x7E) or (>= 0x80 and <= 0xFE);
            pairs += isPair ? 1 : 0;
            others += isPair ? 0 : 1;
            i += isPair ? 1 : 0;
        }
        return pairs > 20 * others;
    }
}
