using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Tries a rule on conversations of which it is known where the responses stand.</summary>
internal sealed class MaskProof(ResponseBounds bounds, IReadOnlyList<ProbedConversation> plain, Func<Probe, ProbedConversation?> render,
    HuggingFaceTokenizer tokenizer)
{
    /// <summary>The first wrong mask; <see langword="null"/> where all are right.</summary>
    public MaskFault? FaultOf(IResponseMaskRule rule)
    {
        bool isProven = false;
        foreach (ProbedConversation conversation in plain)
        {
            if (!ProbeSet.IsUsual(conversation.Probe) || !IsTelling(conversation))
                continue;
            if (FaultOf(conversation, bounds.MaskOf(conversation), rule, tokenizer) is var (held, due))
                return MaskFault.Of(conversation.Probe, held, due);
            isProven = true;
        }
        foreach (Probe probe in ProbeSet.Padded)
        {
            ProbedConversation? like = plain.FirstOrDefault(conversation => conversation.Probe == probe with { Padding = 0 });
            if (like is null || !IsTelling(like) || render(probe) is not { } padded || Padded(padded, like) is not { } mask)
                continue;
            if (FaultOf(padded, mask, rule, tokenizer) is var (held, due))
                return MaskFault.Of(probe, held, due);
        }
        return isProven ? null : MaskFault.Because(MaskFault.NoAnswer);
    }

    /// <summary>What a rule's mask of a conversation holds and what it should hold, where these differ.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="due">For every symbol whether it belongs to a response; a token with a part of one is in the mask.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    public static (string Held, string Due)? FaultOf(ProbedConversation conversation, bool[] due, IResponseMaskRule rule, HuggingFaceTokenizer tokenizer)
    {
        float[] mask = new float[conversation.Ids.Length];
        rule.Mask(conversation.Ids, mask);
        float[] expected = new float[conversation.Ids.Length];
        for (int i = 0; i < due.Length; i++)
        {
            if (due[i])
                expected[conversation.TokenOf[i]] = 1;
        }

        return mask.AsSpan().SequenceEqual(expected) ? null : (Shown(conversation, mask, tokenizer), Shown(conversation, expected, tokenizer));
    }

    /// <summary>Whether it shows all answers, and tools' messages as what they are.</summary>
    private bool IsTelling(ProbedConversation conversation) =>
        conversation.ShowsAnswers && !HasToolLikeAnswer(conversation) &&
        (!conversation.Probe.Roles.Contains('t', StringComparison.Ordinal) || conversation.Messages.Any(message => message.Role == 't'));

    /// <summary>Whether the template writes a tool's message as the assistant's: then it is one, whatever the message says.</summary>
    private bool HasToolLikeAnswer(ProbedConversation conversation)
    {
        for (int i = 1; i < conversation.Messages.Count; i++)
        {
            if (conversation.Messages[i].Role is not ('t' or 'f'))
                continue;
            int[] before = conversation.Before(i);
            if (plain.Any(other => other.Messages is [{ Role: 'u' }, { Role: 'a' }, { Role: 'a' }, ..] && other.Before(2).AsSpan().SequenceEqual(before)))
                return true;
        }
        return false;
    }

    /// <summary>The mask of a conversation with white space around contents: between them stands what stands there without it, and the white space that was
    /// kept.</summary>
    private bool[]? Padded(ProbedConversation conversation, ProbedConversation like)
    {
        if (bounds.HasMarks)
            return conversation.Marked ?? new bool[conversation.Symbols.Length];
        if (conversation.Messages.Count != like.Messages.Count)
            return null;
        bool[] known = bounds.MaskOf(like);
        bool[] mask = new bool[conversation.Symbols.Length];
        for (int i = 0; i <= conversation.Messages.Count; i++)
        {
            int from = i == 0 ? 0 : conversation.Messages[i - 1].End,
                to = i < conversation.Messages.Count ? conversation.Messages[i].Start : conversation.Symbols.Length;
            int start = i == 0 ? 0 : like.Messages[i - 1].End, end = i < like.Messages.Count ? like.Messages[i].Start : like.Symbols.Length;
            ReadOnlySpan<int> gap = conversation.Symbols.AsSpan(from..to), usual = like.Symbols.AsSpan(start..end);
            // of white space alone it cannot be told which part is the content's; behind the last one all but the end is
            int at = i == conversation.Messages.Count ? gap.LastIndexOf(usual) : gap.IndexOf(usual);
            if (i > 0 && i < conversation.Messages.Count && IsWhite(usual))
                return null;
            if (at < 0 || !IsWhite(gap[..at]) || !IsWhite(gap[(at + usual.Length)..]))
                return null;
            mask.AsSpan(from, at).Fill(i > 0 && bounds.Counts(conversation, i - 1));
            known.AsSpan(start, usual.Length).CopyTo(mask.AsSpan(from + at));
            mask.AsSpan(from + at + usual.Length, gap.Length - at - usual.Length).Fill(i < conversation.Messages.Count && bounds.Counts(conversation, i));
            if (i < conversation.Messages.Count)
                mask.AsSpan(to, conversation.Messages[i].End - to).Fill(bounds.Counts(conversation, i));
        }
        return mask;
    }

    private static string Shown(ProbedConversation conversation, float[] mask, HuggingFaceTokenizer tokenizer)
    {
        List<string> pieces = new();
        for (int i = 0; i < mask.Length;)
        {
            int end = i;
            while (end < mask.Length && mask[end] == 1)
                end++;
            if (end > i)
                pieces.Add(QuotedText.Of(tokenizer.Decode(conversation.Ids.AsSpan(i..end))));
            i = end + 1;
        }
        return pieces.Count == 0 ? "nothing" : string.Join(" and ", pieces);
    }

    private static bool IsWhite(ReadOnlySpan<int> symbols) => symbols.IndexOfAnyExcept(' ', '\n') < 0;
}
