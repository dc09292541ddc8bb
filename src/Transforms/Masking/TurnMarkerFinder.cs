using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Finds out what a chat template writes around answers, by rendering conversations whose contents are recognizable.</summary>
/// <remarks>
/// The opener is what the generation prompt and the text before an answer share, in every place where an answer can stand; for a template without a
/// generation prompt it is what stands between the contents. It ends before a think block. Where the template has generation marks, these decide.
/// </remarks>
internal sealed class TurnMarkerFinder(HuggingFaceTokenizer tokenizer, ConversationRenderer template)
{
    // u: user, a: assistant, A: assistant with a tool call, t: tool, f: function, s: system, d: developer
    private static readonly string[] s_conversations =
    [
        "ua", "uaua", "sua", "suaua", "dua", "duaua", "uaa", "uasua", "uadua", "uau", "uasa", "uada",
        "uAta", "uAtaua", "uAfa", "uata", "uafa", "a", "aua", "sa", "da",
    ];

    private readonly int[] _think = SymbolSequence.Of(ThinkBlocks.Opening, tokenizer);
    private readonly List<ProbedTurn> _openings = [];
    private readonly List<ProbedTurn> _firstOpenings = [];
    private readonly List<ProbedEnd> _ends = [];
    private readonly List<int[]> _otherEnds = [];
    private readonly List<int[]> _otherOpenings = [];
    private readonly List<int[]> _behindToolCalls = [];
    private readonly HashSet<int> _starts = [];
    private bool _leavesLastAnswerOpen;

    /// <summary>Finds the markers.</summary>
    /// <exception cref="ArgumentException">The template shows no answer, or nothing around it.</exception>
    public TurnMarkers Find() =>
        FindOrNull() ?? (_openings.Exists(opening => opening.IsMarked) ? new TurnMarkerFinder(tokenizer, WithoutMarks).Find() : null) ??
            throw new ArgumentException(
                "The chat template does not show where an assistant's answers start: it writes no answer after a user's message, or nothing that tells it from other messages.");

    private RenderedChat? WithoutMarks(string messagesJson, bool addGenerationPrompt) =>
        template(messagesJson, addGenerationPrompt) is { } rendered ? rendered with { GenerationSpans = [] } : null;

    private TurnMarkers? FindOrNull()
    {
        foreach (string roles in s_conversations)
        {
            Look(ProbedConversation.Render(roles, addGenerationPrompt: false, tokenizer, template));
            if (roles[^1] == 'a') Look(ProbedConversation.Render(roles, addGenerationPrompt: true, tokenizer, template));
        }
        int[] afterHeader = DropGenerated();
        int[][] openers = Minimal(_openings.Select(opening => FromFirstAdded(WithoutSuffix(opening, afterHeader)))
            .Where(opener => !_otherOpenings.Exists(other => other.AsSpan().IndexOf(opener) >= 0)));
        if (openers.Length == 0 || _openings.Exists(opening => opening.FollowsUser && opening.Symbols.Length == 0)) return null;
        TurnEnd[] ends = Ends();
        if (ends.Length == 0) throw new ArgumentException("The chat template does not show where an assistant's answers end: it writes nothing behind them.");
        foreach (int id in tokenizer.Encode("").Take(1)) _starts.Add(SymbolSequence.Of([id], tokenizer).Symbols[0]);
        return new TurnMarkers
        {
            Openers = openers,
            FirstOpeners =
            [
                .. Minimal([.. _firstOpenings.Select(opening => WithoutSuffix(opening, afterHeader)), .. openers.Select(FromSecondAdded)])
                    .Where(first => !openers.Any(opener => first.AsSpan().EndsWith(opener))),
            ],
            Ends = ends,
            LeavesLastAnswerOpen = _leavesLastAnswerOpen,
            Starts = _starts.All(SymbolSequence.IsAdded) ? _starts : new HashSet<int>(),
        };
    }

    private void Look(ProbedConversation? conversation)
    {
        if (conversation is null) return;
        _starts.Add(conversation.Symbols[0]);
        IReadOnlyList<ProbedMessage> messages = conversation.Messages;
        for (int i = 0; i < messages.Count; i++)
        {
            ProbedMessage message = messages[i];
            int from = i == 0 ? 0 : messages[i - 1].End;
            // where a message in between shows no content, as a tool call does in some templates, its header is still there
            bool followsPrevious = message.Index == (i == 0 ? 0 : messages[i - 1].Index + 1);
            if (message.Role is not ('a' or 'A') && followsPrevious) _otherOpenings.Add(conversation.Symbols[from..message.Start]);
            if (message.Role == 'a')
            {
                int[] before = conversation.Symbols[from..message.AnswerStart];
                (i == 0 ? _firstOpenings : _openings).Add(
                    new ProbedTurn(message.IsMarked ? before : BeforeThink(before), message.IsMarked, i > 0 && messages[i - 1].Role == 'u'));
            }
            bool isLast = i == messages.Count - 1;
            if (message.Role is not ('a' or 'A'))
            {
                if (!isLast && messages[i + 1].Role is not ('a' or 'A')) _otherEnds.Add(UpToFirstLine(conversation.Symbols[message.End..messages[i + 1].Start]));
                continue;
            }
            int[] behind = conversation.Symbols[message.End..(isLast ? conversation.Symbols.Length : messages[i + 1].Start)];
            behind = isLast ? BeforeThink(behind) : UpToFirstLine(BeforeThink(behind));
            if (message.Role == 'A')
            {
                _behindToolCalls.Add(behind);
                continue;
            }
            _leavesLastAnswerOpen |= isLast && behind.Length == 0;
            if (behind.Length > 0) _ends.Add(new ProbedEnd(behind, isLast, message.IsMarked ? message.AnswerEnd - message.End : null));
        }
    }

    /// <summary>Cuts what the generation prompt lacks from the openings after a user's message; the result is what was cut, for the other openings.</summary>
    private int[] DropGenerated()
    {
        int[] dropped = [];
        if (ProbedConversation.Render("u", addGenerationPrompt: true, tokenizer, template) is not { Messages: [var asking] } prompted) return dropped;
        int[] prompt = BeforeThink(prompted.Symbols[asking.End..]);
        if (ProbedConversation.Render("u", addGenerationPrompt: false, tokenizer, template) is { Messages: [var alone] } plain &&
            plain.Symbols.AsSpan(alone.End).SequenceEqual(prompt)) return dropped;
        for (int i = 0; i < _openings.Count; i++)
        {
            ProbedTurn opening = _openings[i];
            int shared = opening.Symbols.AsSpan().CommonPrefixLength(prompt);
            if (!opening.FollowsUser || opening.IsMarked || shared == 0) continue;
            dropped = opening.Symbols[shared..];
            _openings[i] = opening with { Symbols = opening.Symbols[..shared] };
        }
        return dropped;
    }

    private TurnEnd[] Ends()
    {
        // a tool call ends in its own way, which belongs to it, and then like any answer, or else with the first special token
        int[] endTokens = [.. _ends.Select(end => FirstSpecial(end.Symbols) is var first and >= 0 ? end.Symbols[first] : -1).Where(symbol => symbol >= 0).Distinct()];
        foreach (int[] behind in _behindToolCalls)
        {
            int end = behind.AsSpan().IndexOfAny(endTokens);
            if (end < 0) end = FirstSpecial(behind);
            if (end >= 0) _ends.Add(new ProbedEnd(behind[end..], EndsText: false, Marked: null));
        }
        int shared = _ends.Count == 0 ? 0 : _ends.Min(end => end.Symbols.AsSpan().CommonPrefixLength(_ends[0].Symbols));
        var ends = new List<TurnEnd>();
        foreach (ProbedEnd end in _ends)
        {
            int special = FirstSpecial(end.Symbols), added = Array.FindIndex(end.Symbols, SymbolSequence.IsAdded);
            int masked = end.Marked ?? (special >= 0 ? special + 1 : added >= 0 ? added + 1 : shared);
            bool isKnown = ends.Exists(known => known.Symbols.AsSpan().SequenceEqual(end.Symbols) && known.EndsText == end.EndsText);
            bool isAmbiguous = !end.EndsText && _otherEnds.Exists(other => other.AsSpan().StartsWith(end.Symbols));
            if (!isKnown) ends.Add(new TurnEnd(end.Symbols, Math.Clamp(masked, 0, end.Symbols.Length), end.EndsText, isAmbiguous));
        }
        return
        [
            .. ends.Where(end => !ends.Exists(other => other != end && !other.EndsText && !end.EndsText &&
                other.Symbols.Length < end.Symbols.Length && end.Symbols.AsSpan().StartsWith(other.Symbols))),
        ];
    }

    private int[] BeforeThink(int[] symbols) => symbols.AsSpan().IndexOf(_think) is var index and >= 0 ? symbols[..index] : symbols;

    private int FirstSpecial(int[] symbols) => Array.FindIndex(symbols, symbol => SymbolSequence.IsSpecial(symbol, tokenizer));

    /// <summary>Leaves out what the template writes of the next message beyond its header's line: it may depend on the message.</summary>
    private static int[] UpToFirstLine(int[] symbols)
    {
        int added = Array.FindLastIndex(symbols, SymbolSequence.IsAdded);
        int line = added < 0 ? -1 : Array.IndexOf(symbols, '\n', added);
        return line < 0 ? symbols : symbols[..(line + 1)];
    }

    /// <summary>Leaves out what comes before the first added token: it may depend on the message before.</summary>
    private static int[] FromFirstAdded(int[] symbols) => symbols[Math.Max(Array.FindIndex(symbols, SymbolSequence.IsAdded), 0)..];

    private static int[] FromSecondAdded(int[] symbols)
    {
        int first = Array.FindIndex(symbols, SymbolSequence.IsAdded);
        int second = first < 0 ? -1 : Array.FindIndex(symbols, first + 1, SymbolSequence.IsAdded);
        return second < 0 ? [] : symbols[second..];
    }

    private static int[] WithoutSuffix(ProbedTurn opening, int[] suffix) =>
        !opening.IsMarked && !opening.FollowsUser && suffix.Length > 0 && opening.Symbols.AsSpan().EndsWith(suffix) ? opening.Symbols[..^suffix.Length] : opening.Symbols;

    /// <summary>The sequences that do not end with another one, each once.</summary>
    private static int[][] Minimal(IEnumerable<int[]> sequences)
    {
        var kept = new List<int[]>();
        foreach (int[] sequence in sequences.Where(sequence => sequence.Length > 0).OrderBy(sequence => sequence.Length))
            if (!kept.Exists(other => sequence.AsSpan().EndsWith(other))) kept.Add(sequence);
        return [.. kept];
    }
}
