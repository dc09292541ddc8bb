using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Exactly the assistant's answers and their end tokens, in every turn; what opens and closes an answer comes from the model's chat template.</summary>
/// <remarks>
/// <para>Searched are bytes and added tokens, not ids (see <see cref="SymbolSequence"/>). A token that carries bytes of an answer is in the mask, also where it
/// begins in the header.</para>
/// <para>An answer opens behind the whole text that the template writes between another message's content and an answer: the other message's end and the
/// header. A header that a user only quotes does not follow such an end, and opens nothing.</para>
/// <para>It closes where the text goes on as the template goes on after an answer: the end token and whatever leads to the next message's content, or to the
/// end of the text; or where the sequence was cut within that. An end tag that an answer quotes is followed by something else, and closes nothing. What quotes a
/// whole turn change, end tag and next header together, cannot be told from one.</para>
/// <para>Should an answer opened again before anything closed the one before, a template has closed it in an unforeseen way; it is then cut at its first end token.</para>
/// <para>A sequence that was cut at its start (<see cref="TruncationPolicy.KeepEnd"/>) begins within a message: within an answer, if the end of the text comes next,
/// for a conversation ends with an answer; or if what comes next stands behind answers only. Where it may as well be the rest of a system message, it is left out.</para>
/// <para>A think block belongs to the answer, also an empty one that MiniMind's or Qwen3's template puts in by itself, as it does for <see cref="HeaderPatternRule"/>.</para>
/// </remarks>
internal sealed class ResponseSpanRule(HuggingFaceTokenizer tokenizer, TurnMarkers markers) : IResponseMaskRule
{
    /// <summary>The rule for a tokenizer and a chat template.</summary>
    /// <exception cref="ArgumentException">The template does not show where answers start or end.</exception>
    public static ResponseSpanRule For(HuggingFaceTokenizer tokenizer, ConversationRenderer template) =>
        new(tokenizer, new TurnMarkerFinder(tokenizer, template).Find());

    /// <inheritdoc/>
    public void Mask(ReadOnlySpan<int> ids, Span<float> mask)
    {
        mask.Clear();
        SymbolSequence sequence = SymbolSequence.Of(ids, tokenizer);
        ReadOnlySpan<int> symbols = sequence.Symbols;
        int answer = FirstAnswer(symbols);
        while (answer >= 0)
        {
            int close = Close(symbols, answer, out int masked);
            for (int i = answer; i < close + masked; i++) mask[sequence.TokenOf[i]] = 1;
            answer = NextAnswer(symbols, close);
        }
    }

    private int FirstAnswer(ReadOnlySpan<int> symbols)
    {
        // the tokenizer may put one token of its own before the template's text
        for (int start = 0; start <= 1 && start < symbols.Length; start++)
        {
            foreach (int[] opener in markers.FirstOpeners)
                if (symbols[start..].StartsWith(opener)) return start + opener.Length;
        }
        return BeginsWithinAnswer(symbols) ? RestOfOpener(symbols) : NextAnswer(symbols, 0);
    }

    /// <summary>How many symbols at the start can be what is left of an opener.</summary>
    private int RestOfOpener(ReadOnlySpan<int> symbols)
    {
        int longest = 0;
        foreach (int[] opener in markers.Openers)
        {
            for (int length = opener.Length - 1; length > longest; length--)
                if (symbols.StartsWith(opener.AsSpan(opener.Length - length))) longest = length;
        }
        return longest;
    }

    private int NextAnswer(ReadOnlySpan<int> symbols, int from)
    {
        for (int position = NextMarker(symbols, from); position < symbols.Length; position = NextMarker(symbols, position + 1))
            if (OpenerLength(symbols[position..]) is var length and > 0) return position + length;
        return -1;
    }

    /// <summary>Where an answer's text ends, and how many symbols from there on still belong to the response.</summary>
    private int Close(ReadOnlySpan<int> symbols, int start, out int masked)
    {
        for (int position = NextMarker(symbols, start); position < symbols.Length; position = NextMarker(symbols, position + 1))
        {
            ReadOnlySpan<int> rest = symbols[position..];
            if (EndAt(rest) is { } end)
            {
                masked = Math.Min(end.Masked, rest.Length);
                return position;
            }
            if (position > start && OpenerLength(rest) > 0)
            {
                int endToken = symbols[start..position].IndexOfAny(markers.EndTokens);
                masked = endToken < 0 ? 0 : 1;
                return endToken < 0 ? position : start + endToken;
            }
        }
        masked = 0;
        return symbols.Length;
    }

    private bool BeginsWithinAnswer(ReadOnlySpan<int> symbols)
    {
        if (symbols.IsEmpty || markers.Starts.Count == 0 || markers.Starts.Contains(symbols[0])) return false;
        for (int position = NextMarker(symbols, 0); position < symbols.Length; position = NextMarker(symbols, position + 1))
        {
            ReadOnlySpan<int> rest = symbols[position..];
            if (OpenerLength(rest) > 0) return false;
            if (EndAt(rest) is { } end && rest.Length >= end.Symbols.Length) return !end.IsAmbiguous;
        }
        return markers.LeavesLastAnswerOpen;
    }

    /// <summary>The next place where a marker can start.</summary>
    private int NextMarker(ReadOnlySpan<int> symbols, int from) =>
        symbols[from..].IndexOfAny(markers.FirstSymbols) is var found and >= 0 ? from + found : symbols.Length;

    private int OpenerLength(ReadOnlySpan<int> rest)
    {
        foreach (int[] opener in markers.Openers)
            if (rest.StartsWith(opener)) return opener.Length;
        return 0;
    }

    private TurnEnd? EndAt(ReadOnlySpan<int> rest)
    {
        foreach (TurnEnd end in markers.Ends)
            if (end.Matches(rest)) return end;
        return null;
    }
}
