using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Says where the responses stand in probed conversations, by where the template put the contents: what a rule has to find without knowing
/// them.</summary>
/// <remarks>
/// Where the template has generation marks, these are the responses. Else a response starts behind what the text and the generation prompt share, a think block
/// included, and goes up to the end of turn: what the template writes behind an answer at the text's end and in the middle of it up to the last special token,
/// or the first special token, or the first added one; for a template of plain text what all answers are followed by, without the next message's header.
/// </remarks>
internal sealed class ResponseBounds
{
    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly int[] _think;
    private readonly int[]? _prompt;
    private readonly int[][] _lastEnds;
    private readonly int[][] _innerEnds;
    private readonly int[] _firstUser;
    private readonly int[] _opening;
    private readonly int[] _dropped = [];
    private readonly int[] _headerTokens;
    private readonly List<(char Role, int[] Symbols)> _headers = [];

    /// <summary>The bounds that plain conversations show.</summary>
    /// <param name="conversations">Conversations without white space around the contents.</param>
    /// <param name="prompt">What the template writes behind a user's message where an answer is asked for; <see langword="null"/> to look at contents
    /// alone.</param>
    /// <param name="header">What of it the template does not write where no answer is asked for; empty where it has no generation prompt.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    public ResponseBounds(IReadOnlyList<ProbedConversation> conversations, int[]? prompt, int[] header, HuggingFaceTokenizer tokenizer)
    {
        _headerTokens = [.. header.Where(SymbolSequence.IsAdded)];
        _tokenizer = tokenizer;
        _think = SymbolSequence.Of(ThinkBlocks.Opening, tokenizer);
        _prompt = prompt is null ? null : prompt[..ThinkIn(prompt, prompt.Length)];
        HasMarks = conversations.Any(conversation => conversation.Marked is not null);
        _firstUser = conversations.Where(conversation => conversation.Messages is [{ Role: 'u' }, ..]).Select(conversation => conversation.Before(0))
            .FirstOrDefault() ?? [];
        (ProbedConversation conversation, int i)[] answers = [.. conversations
            .SelectMany(conversation => Enumerable.Range(0, conversation.Messages.Count).Where(i => conversation.Messages[i].IsAnswer)
                .Select(i => (conversation, i)))
            .Where(answer => answer.conversation.Behind(answer.i).Length > 0)];
        _opening = conversations.Where(conversation => conversation.Messages is [{ Role: 'u' }, { Role: 'a' }, ..])
            .Select(conversation => conversation.Before(1)).FirstOrDefault() ?? [];
        // some templates ask for another answer whatever they are told
        bool asksAlways = conversations.Any(conversation => conversation.Messages is [.., { Role: 'u' }]
            && Asks(conversation.Behind(conversation.Messages.Count - 1)));
        if (!asksAlways)
            _opening = [];
        _lastEnds = [.. answers.Where(a => a.conversation.IsLast(a.i) && !a.conversation.Probe.AddGenerationPrompt)
            .Select(a => WithoutPrompt(a.conversation.Behind(a.i)))];
        _innerEnds = [.. answers.Where(a => !a.conversation.IsLast(a.i)).Select(a => a.conversation.Behind(a.i))];
        int[][] last = [.. answers.Where(a => a.conversation.Messages[a.i].Role == 'a' && a.conversation.IsLast(a.i)
            && !a.conversation.Probe.AddGenerationPrompt)
            .Select(a => WithoutPrompt(a.conversation.Behind(a.i))).Where(end => end.Length > 0)];
        EndText = TextEnd(
            last, [.. answers.Where(a => a.conversation.Messages[a.i].Role == 'a' && !a.conversation.IsLast(a.i)
            && a.conversation.Messages[a.i + 1].Role == 'u').Select(a => a.conversation.Behind(a.i))]);
        // what stands behind an answer that a tool's message follows may be that message's
        EndTokens = [.. answers.Where(a => a.conversation.Messages[a.i].Role == 'a'
            && (a.conversation.IsLast(a.i) || a.conversation.Messages[a.i + 1].Role is not ('t' or 'f'))).Select(EndToken).Where(SymbolSequence.IsAdded)
            .Distinct()];
        // what the prompt lacks of a header that follows a user is lacking in headers behind other messages too
        foreach (ProbedConversation conversation in conversations)
        {
            for (int i = 1; i < conversation.Messages.Count; i++)
            {
                if (conversation.Messages[i].Role != 'a' || conversation.Messages[i - 1].Role != 'u')
                    continue;
                int[] before = conversation.Before(i);
                if (Prompted(before) is var length and > 0)
                    _dropped = before[length..];
            }
        }
        foreach (ProbedConversation conversation in conversations)
        {
            for (int i = 1; i < conversation.Messages.Count; i++)
            {
                if (conversation.Messages[i].Role == 'a')
                    _headers.Add((conversation.Messages[i - 1].Role, conversation.Symbols[conversation.StartOfGap(i)..HeaderEnd(conversation, i)]));
            }
        }

        int EndToken((ProbedConversation conversation, int i) answer)
        {
            int end = EndLength(answer.conversation, answer.i);
            return end == 0 ? -1 : answer.conversation.Behind(answer.i)[end - 1];
        }
    }

    /// <summary>Whether the template has generation marks.</summary>
    public bool HasMarks { get; }

    /// <summary>The added tokens that end plain answers.</summary>
    public int[] EndTokens { get; } = [];

    /// <summary>What ends plain answers of a template that has no added tokens for it; empty where that is nothing.</summary>
    public int[] EndText { get; } = [];

    /// <summary>For every symbol of a conversation without white space around contents whether it belongs to a response.</summary>
    public bool[] MaskOf(ProbedConversation conversation)
    {
        if (HasMarks)
            return conversation.Marked ?? new bool[conversation.Symbols.Length];
        bool[] mask = new bool[conversation.Symbols.Length];
        for (int i = 0; i < conversation.Messages.Count; i++)
        {
            if (!conversation.Messages[i].IsAnswer)
                continue;
            int start = HeaderEnd(conversation, i), end = conversation.Messages[i].End + EndLength(conversation, i);
            mask.AsSpan(start, end - start).Fill(true);
        }
        return mask;
    }

    /// <summary>Whether a message's content belongs to a response.</summary>
    public bool Counts(ProbedConversation conversation, int message) =>
        conversation.Messages[message].IsAnswer && (!HasMarks
            || conversation.Marked?.AsSpan(conversation.Messages[message].Start..conversation.Messages[message].End).Contains(false) == false);

    /// <summary>Where a header ends that is long enough to tell an answer: the generation prompt's end, or that of a mark's outside, whichever comes
    /// later.</summary>
    public int HeaderEnd(ProbedConversation conversation, int message)
    {
        int from = conversation.StartOfGap(message), to = conversation.Messages[message].Start;
        int[] before = conversation.Symbols[from..to];
        int unmarked = HasMarks && conversation.Marked is { } marked ? Array.LastIndexOf(marked, false, to - 1, to - from) + 1 - from : 0;
        if (unmarked < 0)
            unmarked = 0;
        bool followsUser = message > 0 && conversation.Messages[message - 1].Role == 'u';
        int length = before.Length;
        if (conversation.Messages[message].Role != 'a' && message > 0)
        {
            // a tool call or a reasoning is part of the answer: its header is that of any answer behind such a message
            int known = _headers.Where(header => header.Role == conversation.Messages[message - 1].Role)
                .Select(header => header.Symbols.AsSpan().CommonPrefixLength(before)).DefaultIfEmpty().Max();
            if (known > 0)
                length = known;
        }
        else if (followsUser && Prompted(before) is var prompted and > 0)
        {
            length = prompted;
        }
        else if (!followsUser && _dropped.Length > 0 && before.AsSpan().EndsWith(_dropped))
        {
            length -= _dropped.Length;
        }

        return from + Math.Max(ThinkIn(before, length), unmarked);
    }

    /// <summary>How much behind a content belongs to the response, for a template without marks.</summary>
    private int EndLength(ProbedConversation conversation, int message)
    {
        int[] behind = conversation.Behind(message);
        bool isLast = conversation.IsLast(message) && !conversation.Probe.AddGenerationPrompt;
        if (conversation.Messages[message].Role is 'A' or 'B')
        {
            int end = behind.AsSpan().IndexOfAny(EndTokens);
            if (end >= 0)
                return end + 1;
        }
        int agreed = 0;
        int[] own = isLast ? WithoutPrompt(behind) : behind;
        foreach (int[] other in isLast ? _innerEnds : _lastEnds)
            agreed = Math.Max(agreed, other.AsSpan().CommonPrefixLength(own));
        int header = behind.AsSpan(0, agreed).IndexOfAny(_headerTokens);
        int special = Array.FindLastIndex(behind[..(header < 0 ? agreed : header)], IsSpecial);
        if (special < 0)
            special = Array.FindIndex(behind, IsSpecial);
        if (special < 0)
            special = Array.FindIndex(behind, SymbolSequence.IsAdded);
        if (special >= 0)
            return special + 1;
        // what closes a tool call's text comes before its end
        int text = EndText.Length == 0 ? -1 : behind.AsSpan().IndexOf(EndText);
        return text == 0 || (text > 0 && conversation.Messages[message].Role is 'A' or 'B') ? text + EndText.Length
            : EndText.AsSpan().CommonPrefixLength(behind);
    }

    private bool IsSpecial(int symbol) => SymbolSequence.IsSpecial(symbol, _tokenizer);

    /// <summary>How much of a header behind a user's message the generation prompt has; 0 where it has another one.</summary>
    private int Prompted(int[] before) => _prompt is null ? 0 : before.AsSpan().CommonPrefixLength(_prompt);

    private int ThinkIn(int[] symbols, int length) => symbols.AsSpan(0, length).LastIndexOf(_think) is var index and >= 0 ? index : length;

    /// <summary>What answers at the end and in the middle of a text have behind them; for a template that writes nothing at the end, what is no user's
    /// header.</summary>
    private int[] TextEnd(int[][] last, int[][] inner)
    {
        if (last.Length > 0 && inner.Length > 0)
            return last.SelectMany(end => inner.Select(other => end[..end.AsSpan().CommonPrefixLength(other)])).MaxBy(end => end.Length)!;
        if (last.Length > 0)
            return last.MinBy(end => end.Length)!;
        return inner.Select(end => WithoutSuffix(end, _firstUser)).MinBy(end => end.Length) ?? [];
    }

    /// <summary>What stands behind a last answer, without what asks for another one; a template's last line end is not written.</summary>
    private int[] WithoutPrompt(int[] behind)
    {
        int[] asked = WithoutWhite(behind), opening = WithoutWhite(_opening);
        // it may go on behind the header that answers have, as with a think block
        if (HasHeader(opening) && asked.AsSpan().StartsWith(opening))
            return [];
        bool isCut = behind.Length - asked.Length < _opening.Length - opening.Length;
        int[] cut = isCut ? WithoutSuffix(asked, opening) : behind;
        return isCut && cut.Length < asked.Length ? cut : WithoutSuffix(behind, _opening);
    }

    /// <summary>
    /// Whether what stands behind a last user's message asks for an answer; it may go on behind the header, and the text's last line end is not written.
    /// </summary>
    private bool Asks(int[] behind) => behind.AsSpan().SequenceEqual(_opening) || WithoutWhite(behind).AsSpan().StartsWith(WithoutWhite(_opening))
        && HasHeader(WithoutWhite(_opening));

    // more than the end of the user's turn
    private static bool HasHeader(int[] opening) =>
        Array.FindIndex(opening, SymbolSequence.IsAdded) is var end and >= 0 && opening.AsSpan(end + 1).IndexOfAnyExcept(' ', '\n') >= 0;

    private static int[] WithoutWhite(int[] symbols) => symbols[..(symbols.AsSpan().LastIndexOfAnyExcept(' ', '\n') + 1)];

    /// <summary>What a sequence does not share with the end of another one.</summary>
    private static int[] WithoutSuffix(int[] symbols, int[] other)
    {
        int shared = 0;
        while (shared < symbols.Length && shared < other.Length && symbols[^(shared + 1)] == other[^(shared + 1)])
            shared++;
        return symbols[..^shared];
    }
}
