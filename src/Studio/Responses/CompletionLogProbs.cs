using System.Text;

namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>The log-probabilities of the tokens that go on with a text; one entry for each in every list.</summary>
/// <param name="Tokens">Their texts; <c>bytes:\x..</c> for one that is no whole character.</param>
/// <param name="TokenLogprobs">Their log-probabilities in nats.</param>
/// <param name="TopLogprobs">The likeliest tokens at each place with theirs; <see langword="null"/> where none were asked for.</param>
/// <param name="TextOffset">At which character of the text each begins.</param>
internal sealed record CompletionLogProbs(
    IReadOnlyList<string> Tokens, IReadOnlyList<double> TokenLogprobs, IReadOnlyList<IReadOnlyDictionary<string, double>>? TopLogprobs,
    IReadOnlyList<int> TextOffset)
{
    /// <summary>Tokens as clients get them.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="offset">How many characters stand before the first; gets how many stand behind the last.</param>
    /// <param name="withTop">Whether the likeliest are told.</param>
    public static CompletionLogProbs Of(IReadOnlyList<TokenLogProb> tokens, ref int offset, bool withTop)
    {
        int[] offsets = new int[tokens.Count];
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = offset;
            offset += Characters(tokens[i].Bytes.Span);
        }
        return new CompletionLogProbs([.. tokens.Select(Name)], [.. tokens.Select(token => token.LogProb)],
            withTop ? [.. tokens.Select(Likeliest)] : null, offsets);
    }

    /// <summary>How many characters (code points) a text has.</summary>
    public static int Characters(string text) => Characters(Encoding.UTF8.GetBytes(text));

    // the bytes that begin one
    private static int Characters(ReadOnlySpan<byte> bytes)
    {
        int count = 0;
        foreach (byte value in bytes)
            count += (value & 0xC0) != 0x80 ? 1 : 0;
        return count;
    }

    private static Dictionary<string, double> Likeliest(TokenLogProb token)
    {
        Dictionary<string, double> likeliest = [];
        foreach (TokenLogProb other in token.Top)
            likeliest.TryAdd(Name(other), other.LogProb); // two tokens of one text: the likelier one is the first
        return likeliest;
    }

    private static string Name(TokenLogProb token) => !token.Text.Contains('\uFFFD', StringComparison.Ordinal)
        ? token.Text
        : "bytes:" + string.Concat(token.Bytes.ToArray().Select(value => $"\\x{value:x2}"));
}
