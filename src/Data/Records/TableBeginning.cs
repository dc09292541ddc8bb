namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Finds a table's delimiter by its header.</summary>
internal static class TableBeginning
{
    private static readonly byte[] s_delimiters = [(byte)',', (byte)';', (byte)'\t'];

    /// <summary>Finds the delimiter that divides the first record into the most cells.</summary>
    /// <param name="text">The text from the header on.</param>
    /// <param name="given">The delimiter where it is known.</param>
    /// <returns>The delimiter, and how many cells the first two records have; 0 where one is absent or goes on behind the text.</returns>
    public static (byte Delimiter, int First, int Second) Find(ReadOnlySpan<byte> text, byte? given)
    {
        (byte Delimiter, int First, int Second) best = (given ?? 0, 0, 0);
        foreach (byte delimiter in given is { } known ? [known] : s_delimiters)
        {
            int length = Record(text, delimiter, out int first);
            int second = 0;
            if (length < text.Length)
                Record(text[length..], delimiter, out second);
            if (first > best.First)
                best = (delimiter, first, second);
        }
        return best;
    }

    // The record's length with its end, and its cells; none where the text ends in it without being the last.
    private static int Record(ReadOnlySpan<byte> text, byte delimiter, out int cells)
    {
        cells = 1;
        bool quoted = false, atStart = true;
        for (int i = 0; i < text.Length; i++)
        {
            byte value = text[i];
            if (value == '"' && (quoted || atStart))
                quoted = !quoted;
            else if (value == delimiter && !quoted)
                cells++;
            else if (value is (byte)'\n' or (byte)'\r' && !quoted)
                return i + (value == '\r' && i + 1 < text.Length && text[i + 1] == '\n' ? 2 : 1);
            atStart = value == delimiter && !quoted;
        }
        if (quoted || text.IsEmpty)
            cells = 0;
        return text.Length;
    }
}
