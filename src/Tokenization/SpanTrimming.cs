using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Shortens reported ranges as the ByteLevel post-processor does.</summary>
internal static class SpanTrimming
{
    /// <summary>Leaves white space at the ends of tokens out of their ranges.</summary>
    /// <param name="trimming">Whether, and what about a space at the start.</param>
    /// <param name="spans">The tokens of a whole text, without the ids put around it.</param>
    /// <param name="tokens">The tokens' texts.</param>
    /// <param name="text">The text that was encoded.</param>
    public static void Apply(OffsetTrimming trimming, List<TokenSpan> spans, TokenTable tokens, string text)
    {
        if (trimming == OffsetTrimming.None)
            return;
        Span<TokenSpan> all = CollectionsMarshal.AsSpan(spans);
        for (int i = 0; i < all.Length; i++)
        {
            string token = tokens.TextOf(all[i].Id);
            int leading = token.TakeWhile(IsSpace).Count(), trailing = token.Reverse().TakeWhile(IsSpace).Count();
            int start = all[i].Start, end = start + all[i].Length;
            if (leading == 1 && (i == 0 || start == 0) && trimming == OffsetTrimming.TrimAfterPrefixSpace)
                leading = 0;
            start = Math.Min(start + leading, end);
            // a space that the tokenizer put before a surrogate pair has the pair's range
            if (leading > 0 && start < end && char.IsLowSurrogate(text[start]))
                start++;
            if (end >= trailing)
                end = Math.Max(end - trailing, start);
            all[i] = new TokenSpan(all[i].Id, start, end - start);
        }
    }

    private static bool IsSpace(char character) => character == ByteLevelAlphabet.CharacterOf((byte)' ') || char.IsWhiteSpace(character);
}
