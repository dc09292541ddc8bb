using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Exactly the assistant's answers and their end tokens, in every turn; what opens and closes an answer comes from the model's chat
/// template.</summary>
/// <remarks>
/// <para>Searched are bytes and added tokens, not ids (see <see cref="SymbolSequence"/>). A token that carries bytes of an answer is in the mask, also where it
/// begins in the header.</para>
/// <para>An answer opens behind the whole text that the template writes between another message's content and an answer: the other message's end and the
/// header. A header that a user only quotes does not follow such an end, and opens nothing. Where the template begins another message in the same way and
/// goes on, the longer text counts.</para>
/// <para>It closes where the text goes on as the template goes on after an answer: the end token and whatever leads to the next message's content, or to the
/// end of the text; or where the sequence was cut within that. An end tag that an answer quotes is followed by something else, and closes nothing. What quotes
/// a whole turn change, end tag and next header together, is told from one by its tokens, where it was encoded as text (<see cref="ControlTokenPolicy"/>);
/// encoded as control tokens, it is one.</para>
/// <para>Should an answer opened again before anything closed the one before, a template has closed it in an unforeseen way; it is then cut at its first end
/// token.</para>
/// <para>A sequence that was cut at its start (<see cref="TruncationPolicy.KeepEnd"/>) begins within a message: within an answer, if the end of the text
/// comes next,
/// for a conversation ends with an answer; or if what comes next stands behind answers only. Where it may as well be the rest of a system message, it is
/// left out.</para>
/// <para>A think block belongs to the answer, also an empty one that MiniMind's or Qwen3's template puts in by itself, as it does for
/// <see cref="HeaderPatternRule"/>.</para>
/// <para>Where the template has generation marks, these decide, also about headers and about what stands behind an end token.</para>
/// </remarks>
internal sealed class ResponseSpanRule(HuggingFaceTokenizer tokenizer, TurnMarkers markers) : IResponseMaskRule
{
    /// <summary>The rule for a tokenizer and a chat template, proven on the template.</summary>
    /// <exception cref="ArgumentException">The template does not show where answers start or end, or the rule does not find them in its texts.</exception>
    public static ResponseSpanRule For(HuggingFaceTokenizer tokenizer, ConversationRenderer template) =>
        new(tokenizer, new TurnMarkerFinder(tokenizer, template).Find());

    /// <inheritdoc/>
    public void Mask(ReadOnlySpan<int> ids, Span<float> mask, ICollection<MaskedAnswer>? answers = null)
    {
        mask.Clear();
        SymbolSequence sequence = SymbolSequence.Of(ids, tokenizer);
        ReadOnlySpan<int> symbols = sequence.Symbols;
        int answer = FirstAnswer(symbols, out TurnOpening? opening);
        while (answer >= 0)
        {
            int close = Close(symbols, answer, out TurnEnd? end, out int masked);
            int from = Paint(opening, answer - (opening?.Symbols.Length ?? 0), sequence, mask) ?? answer, to = close + masked;
            for (int i = answer; i < to; i++)
                mask[sequence.TokenOf[i]] = 1;
            if (end is not null)
                to = PaintEnd(end, close, sequence, mask) ?? to;
            if (to > from)
                answers?.Add(new MaskedAnswer(sequence.TokenOf[from], sequence.TokenOf[to - 1] + 1, IsTextEnd(symbols[close..])));
            answer = NextAnswer(symbols, close, out opening);
        }
    }

    /// <summary>Where the response starts in the opening, if it does.</summary>
    private static int? Paint(TurnOpening? opening, int start, SymbolSequence sequence, Span<float> mask)
    {
        if (opening is null)
            return null;
        int? first = null;
        for (int i = 0; i < opening.Masked.Length; i++)
        {
            if (!opening.Masked[i])
                continue;
            mask[sequence.TokenOf[start + i]] = 1;
            first ??= start + i;
        }
        return first;
    }

    /// <summary>Behind what belongs to the response in an end, if anything does.</summary>
    private static int? PaintEnd(TurnEnd end, int start, SymbolSequence sequence, Span<float> mask)
    {
        int? last = null;
        for (int i = 0; i < end.Masked.Length && start + i < sequence.TokenOf.Length; i++)
        {
            if (!end.Masked[i])
                continue;
            mask[sequence.TokenOf[start + i]] = 1;
            last = start + i + 1;
        }
        return last;
    }

    private int FirstAnswer(ReadOnlySpan<int> symbols, out TurnOpening? opening)
    {
        // the tokenizer may put one token of its own before the template's text
        for (int start = 0; start <= 1 && start < symbols.Length; start++)
        {
            ReadOnlySpan<int> text = symbols[start..];
            opening = Longest(markers.FirstOpeners, text);
            int other = LongestOther(markers.FirstOthers, text, canBeCut: true);
            if (opening is not null && opening.Symbols.Length >= other
                && (!opening.IsAmbiguous || IsWithinAnswer(text[opening.Symbols.Length..], canEndText: false)))
            {
                return start + opening.Symbols.Length;
            }
        }
        opening = null;
        return BeginsWithinAnswer(symbols) ? RestOfOpener(symbols) : NextAnswer(symbols, 0, out opening);
    }

    /// <summary>How many symbols at the start can be what is left of an opener.</summary>
    private int RestOfOpener(ReadOnlySpan<int> symbols)
    {
        int longest = 0;
        foreach (TurnOpening opener in markers.Openers)
        {
            for (int length = opener.Symbols.Length - 1; length > longest; length--)
            {
                if (symbols.StartsWith(opener.Symbols.AsSpan(opener.Symbols.Length - length)))
                    longest = length;
            }
        }
        return longest;
    }

    private int NextAnswer(ReadOnlySpan<int> symbols, int from, out TurnOpening? opening)
    {
        for (int position = NextMarker(symbols, from); position < symbols.Length; position = NextMarker(symbols, position))
        {
            ReadOnlySpan<int> rest = symbols[position..];
            opening = OpenerAt(rest, out int other);
            if (opening is not null)
                return position + opening.Symbols.Length;
            position += Math.Max(other, 1);
        }
        opening = null;
        return -1;
    }

    /// <summary>Where an answer's text ends; how it ends; and how many symbols from there on belong to the response where it ends in an unforeseen
    /// way.</summary>
    private int Close(ReadOnlySpan<int> symbols, int start, out TurnEnd? end, out int masked)
    {
        (end, masked) = (null, 0);
        for (int position = NextMarker(symbols, start); position < symbols.Length; position = NextMarker(symbols, position + 1))
        {
            ReadOnlySpan<int> rest = symbols[position..];
            end = EndAt(rest);
            if (end is not null)
                return position;
            if (position > start && OpenerAt(rest, out _) is not null)
            {
                int endToken = symbols[start..position].IndexOfAny(markers.EndTokens);
                // an answer of several parts, each with a header, goes on until its end
                if (endToken < 0 && markers.EndTokens.Length > 0)
                    continue;
                masked = endToken < 0 ? 0 : 1;
                return endToken < 0 ? position : start + endToken;
            }
        }
        return symbols.Length;
    }

    private bool BeginsWithinAnswer(ReadOnlySpan<int> symbols) =>
        !symbols.IsEmpty && markers.Starts.Count > 0 && !markers.Starts.Contains(symbols[0]) && IsWithinAnswer(symbols, canEndText: true);

    /// <summary>Whether what comes next is the end of an answer, and of nothing else.</summary>
    private bool IsWithinAnswer(ReadOnlySpan<int> symbols, bool canEndText)
    {
        for (int position = NextMarker(symbols, 0); position < symbols.Length; position = NextMarker(symbols, position + 1))
        {
            ReadOnlySpan<int> rest = symbols[position..];
            if (OpenerAt(rest, out _) is not null)
                return false;
            if (EndAt(rest) is { } end && rest.Length >= end.Symbols.Length && (canEndText || !end.EndsText))
                return !end.IsAmbiguous;
        }
        return canEndText && markers.LeavesLastAnswerOpen;
    }

    /// <summary>The next place where a marker can start.</summary>
    private int NextMarker(ReadOnlySpan<int> symbols, int from) =>
        from < symbols.Length && symbols[from..].IndexOfAny(markers.FirstSymbols) is var found and >= 0 ? from + found : symbols.Length;

    /// <summary>What opens an answer here; and how long what begins another message is, where there is such a text and it is longer.</summary>
    private TurnOpening? OpenerAt(ReadOnlySpan<int> rest, out int other)
    {
        TurnOpening? opening = Longest(markers.Openers, rest);
        other = LongestOther(markers.Others, rest, canBeCut: false);
        return opening is null || opening.Symbols.Length < other ? null : opening;
    }

    private static TurnOpening? Longest(IReadOnlyList<TurnOpening> openings, ReadOnlySpan<int> rest)
    {
        TurnOpening? longest = null;
        foreach (TurnOpening opening in openings)
        {
            if (opening.Symbols.Length > (longest?.Symbols.Length ?? -1) && rest.StartsWith(opening.Symbols))
                longest = opening;
        }

        return longest;
    }

    private static int LongestOther(IReadOnlyList<int[]> others, ReadOnlySpan<int> rest, bool canBeCut)
    {
        int longest = 0;
        foreach (int[] other in others)
        {
            if (other.Length > longest && (rest.StartsWith(other) || (canBeCut && other.AsSpan().StartsWith(rest))))
                longest = other.Length;
        }

        return longest;
    }

    /// <summary>The longest end that stands here whole, or else one within which the sequence was cut.</summary>
    private TurnEnd? EndAt(ReadOnlySpan<int> rest)
    {
        TurnEnd? longest = null;
        foreach (TurnEnd end in markers.Ends)
        {
            if (!end.Matches(rest) || IsContent(end, rest))
                continue;
            bool isWhole = rest.Length >= end.Symbols.Length, isLongestWhole = longest is not null && rest.Length >= longest.Symbols.Length;
            if (longest is null || (isWhole ? !isLongestWhole || end.Symbols.Length > longest.Symbols.Length : !isLongestWhole
                && end.Symbols.Length > longest.Symbols.Length))
            {
                longest = end;
            }
        }
        return longest;
    }

    /// <summary>Whether white space at the end of a sequence that starts like an end is an answer's own, because the template writes nothing behind a last
    /// answer.</summary>
    private bool IsContent(TurnEnd end, ReadOnlySpan<int> rest) =>
        markers.LeavesLastAnswerOpen && rest.Length < end.Symbols.Length && rest.IndexOfAnyExcept(' ', '\n') < 0;

    /// <summary>Whether a sequence ends with what stands here as a conversation does that ends with an answer.</summary>
    private bool IsTextEnd(ReadOnlySpan<int> rest)
    {
        if (rest.IsEmpty)
            return true;
        foreach (TurnEnd end in markers.Ends)
        {
            if (end.EndsText && end.Symbols.AsSpan().StartsWith(rest))
                return true;
        }

        return false;
    }
}
