using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>What stands between two texts that the user names, the second one included.</summary>
/// <remarks>
/// Searched are bytes and added tokens (see <see cref="SymbolSequence"/>), so that an answer is found too where its spaces merge with the text before it.
/// An answer without an end goes up to the end of the sequence.
/// </remarks>
internal sealed class ResponseTextRule(HuggingFaceTokenizer tokenizer, string start, string end) : IResponseMaskRule
{
    private readonly int[] _start = SymbolSequence.Of(start, tokenizer);
    private readonly int[] _end = SymbolSequence.Of(end, tokenizer);

    /// <summary>The rule for these texts, proven on the template.</summary>
    /// <exception cref="ArgumentException">The texts do not tell the template's answers.</exception>
    public static ResponseTextRule For(HuggingFaceTokenizer tokenizer, ConversationRenderer template, string start, string end)
    {
        ResponseTextRule rule = new(tokenizer, start, end);
        return rule.FaultOf(template) is { } fault ? throw new ArgumentException(fault.Sentence) : rule;
    }

    /// <inheritdoc/>
    public void Mask(ReadOnlySpan<int> ids, Span<float> mask, ICollection<MaskedAnswer>? answers = null)
    {
        mask.Clear();
        SymbolSequence sequence = SymbolSequence.Of(ids, tokenizer);
        ReadOnlySpan<int> symbols = sequence.Symbols;
        for (int position = 0; symbols[position..].IndexOf(_start) is var found and >= 0;)
        {
            int from = position + found + _start.Length;
            int length = symbols[from..].IndexOf(_end);
            position = length < 0 ? symbols.Length : from + length + _end.Length;
            for (int i = from; i < position; i++)
                mask[sequence.TokenOf[i]] = 1;
            if (position > from)
                answers?.Add(new MaskedAnswer(sequence.TokenOf[from], sequence.TokenOf[position - 1] + 1, !HasText(symbols[position..])));
        }
    }

    private MaskFault? FaultOf(ConversationRenderer template)
    {
        bool isProven = false;
        foreach (Probe probe in ProbeSet.Plain.Where(ProbeSet.IsUsual).Concat(ProbeSet.Padded))
        {
            if (ProbedConversation.Render(probe, tokenizer, template) is not { ShowsAnswers: true } conversation)
                continue;
            if (DueOf(conversation, out string? missing) is not { } due)
                return MaskFault.OfTexts(probe, missing!);
            if (MaskProof.FaultOf(conversation, due, this, tokenizer) is var (held, shouldHold))
                return MaskFault.OfTexts(probe, $"the mask holds {held}, and should hold {shouldHold}");
            isProven = true;
        }
        return isProven ? null : MaskFault.Because(MaskFault.NoAnswer);
    }

    /// <summary>For every symbol whether it should be in the mask: from the text before a content that is an answer's up to the text behind it.</summary>
    private bool[]? DueOf(ProbedConversation conversation, out string? missing)
    {
        missing = null;
        bool[] due = new bool[conversation.Symbols.Length];
        for (int i = 0; i < conversation.Messages.Count; i++)
        {
            if (!conversation.Messages[i].IsAnswer)
                continue;
            int before = conversation.Before(i).AsSpan().LastIndexOf(_start), behind = conversation.Behind(i).AsSpan().IndexOf(_end);
            if (before < 0 || (behind < 0 && !conversation.IsLast(i)))
            {
                (string name, string text, int[] symbols) = before < 0
                    ? ("ResponseStart", "before an answer", conversation.Before(i))
                    : ("ResponseEnd", "behind an answer", conversation.Behind(i));
                missing = $"{name} does not stand {text}: what stands there is {QuotedText.Of(SymbolSequence.TextOf(symbols, tokenizer))}";
                return null;
            }
            int from = conversation.StartOfGap(i) + before + _start.Length,
                to = behind < 0 ? conversation.Symbols.Length : conversation.Messages[i].End + behind + _end.Length;
            due.AsSpan(from, to - from).Fill(true);
        }
        return due;
    }

    /// <summary>Whether more follows than line ends and added tokens: another message.</summary>
    private static bool HasText(ReadOnlySpan<int> symbols)
    {
        foreach (int symbol in symbols)
        {
            if (!SymbolSequence.IsAdded(symbol) && !char.IsWhiteSpace((char)symbol))
                return true;
        }

        return false;
    }
}
