namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Finds text in text, in time proportional to both whatever they contain.</summary>
internal static class TextSearch
{
    private const int LongestPlainNeedle = 32;

    /// <summary>The first place of <paramref name="needle"/> at or after <paramref name="start"/>, or -1.</summary>
    public static int IndexOf(RenderContext context, string text, string needle, int start = 0)
    {
        int found = needle.Length <= LongestPlainNeedle
            ? text.AsSpan(start).IndexOf(needle)
            : IndexOfLong(context, text.AsSpan(start), needle);
        context.Scan(found < 0 ? text.Length - start : found);
        return found < 0 ? -1 : start + found;
    }

    /// <summary>The last place of <paramref name="needle"/> within the first <paramref name="end"/> characters, or -1.</summary>
    public static int LastIndexOf(RenderContext context, string text, string needle, int end)
    {
        if (needle.Length <= LongestPlainNeedle)
        {
            context.Scan(end);
            return text.AsSpan(0, end).LastIndexOf(needle);
        }
        context.ChargeText(end + (long)needle.Length);
        char[] reversed = text.AsSpan(0, end).ToArray();
        Array.Reverse(reversed);
        char[] reversedNeedle = needle.ToCharArray();
        Array.Reverse(reversedNeedle);
        int found = IndexOfLong(context, reversed, reversedNeedle);
        return found < 0 ? -1 : end - found - needle.Length;
    }

    // Knuth, Morris, Pratt: a plain search can take the product of the lengths; this one goes character by character, which counts for more
    private static int IndexOfLong(RenderContext context, ReadOnlySpan<char> text, ReadOnlySpan<char> needle)
    {
        if (needle.Length > text.Length)
            return -1;
        context.ChargeText(2L * needle.Length);
        context.Step(text.Length / 4);
        int[] border = new int[needle.Length];
        for (int i = 1, length = 0; i < needle.Length; i++)
        {
            while (length > 0 && needle[i] != needle[length])
                length = border[length - 1];
            if (needle[i] == needle[length])
                length++;
            border[i] = length;
        }
        for (int i = 0, length = 0; i < text.Length; i++)
        {
            while (length > 0 && text[i] != needle[length])
                length = border[length - 1];
            if (text[i] == needle[length])
                length++;
            if (length == needle.Length)
                return i - length + 1;
        }
        return -1;
    }
}
