using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Collects what stands around answers in probed conversations.</summary>
/// <param name="conversations">Conversations without white space around the contents.</param>
/// <param name="bounds">Where their responses stand.</param>
/// <param name="opensUsually">Whether only what opens answers in usual conversations is collected: that of others may not be told from what users
/// write.</param>
/// <param name="tokenizer">The tokenizer.</param>
internal sealed class TurnMarkerCollector(IReadOnlyList<ProbedConversation> conversations, ResponseBounds bounds, bool opensUsually,
    HuggingFaceTokenizer tokenizer)
{
    private readonly int[] _think = SymbolSequence.Of(ThinkBlocks.Opening, tokenizer);
    private readonly List<TurnOpening> _openings = [];
    private readonly List<TurnOpening> _openingsBehindAnswers = [];
    private readonly List<TurnOpening> _firstOpenings = [];
    private readonly List<TurnEnd> _ends = [];
    private readonly List<(char Role, int[] Symbols)> _others = [];
    private readonly List<(char Role, int[] Symbols)> _firstOthers = [];
    private readonly List<int[]> _otherEnds = [];
    private readonly List<int[]> _answerGaps = [];
    private readonly HashSet<int> _starts = [];
    private bool _leavesLastAnswerOpen;

    /// <summary>The markers.</summary>
    /// <param name="missing">What the template does not show, where there are none.</param>
    public TurnMarkers? Collect(out string? missing)
    {
        missing = null;
        if (conversations.Count == 0)
        {
            missing = "it refuses every trial conversation, or writes nothing";
            return null;
        }
        foreach (ProbedConversation conversation in conversations)
            Look(conversation);
        // where an answer follows an answer, a mark may hold the end of the one and the header of the other: what is known of headers comes first
        foreach (TurnOpening opening in _openingsBehindAnswers)
        {
            if (!_openings.Exists(known => known.Symbols.AsSpan().SequenceEqual(opening.Symbols)))
                _openings.Add(opening);
        }

        LookAtToolCalls();
        if (_openings.Count == 0)
        {
            missing = bounds.HasMarks
                ? "its generation marks hold no answer that follows a user's message"
                : MaskFault.NoAnswer;
            return null;
        }
        // a template may write a tool's message as an answer, and then it is one; what writes a user's so cannot be told
        TurnOpening[] found = Minimal(_openings);
        TurnOpening[] openers = [.. found.Where(opener => !IsWhite(opener.Symbols) && !AlikeIn(opener).Any()
            && !IsOtherAndSpace(opener, _others.Concat(_firstOthers)))];
        if (openers.Length == 0)
        {
            missing = found.SelectMany(AlikeIn).Select(NameOf).FirstOrDefault() is { } other
                ? $"it begins {other} as it begins an answer"
                : "it writes nothing before an answer that tells it from other messages";
            return null;
        }
        if (_ends.Count == 0)
        {
            missing = "it writes nothing behind an answer, so that nothing tells where it ends";
            return null;
        }
        foreach (int id in tokenizer.Encode("").Take(1))
            _starts.Add(SymbolSequence.Of([id], tokenizer).Symbols[0]);
        int[][] firstOthers = Distinct(_firstOthers);
        TurnOpening[] firstOpeners =
        [
            .. Minimal([.. _firstOpenings.Where(first => !IsOtherAndSpace(first, _firstOthers)), .. openers.Select(FromSecondAdded)])
                .Where(first => !openers.Any(opener => first.Symbols.AsSpan().EndsWith(opener.Symbols)))
                .Select(first => first with { IsAmbiguous = firstOthers.Any(other => other.AsSpan().StartsWith(first.Symbols)) }),
        ];
        return new TurnMarkers
        {
            Openers = openers,
            FirstOpeners = firstOpeners,
            Others = [.. Distinct(_others.Where(other => !IsLikeAnswer(other)))
                .Where(other => openers.Any(opener => other.Length > opener.Symbols.Length && other.AsSpan().IndexOf(opener.Symbols) >= 0))],
            FirstOthers = firstOthers,
            Ends = Ends(),
            LeavesLastAnswerOpen = _leavesLastAnswerOpen,
            Starts = _starts.All(SymbolSequence.IsAdded) ? [.. _starts] : [],
        };
    }

    private void Look(ProbedConversation conversation)
    {
        _starts.Add(conversation.Symbols[0]);
        bool[] mask = bounds.MaskOf(conversation);
        IReadOnlyList<ProbedMessage> messages = conversation.Messages;
        for (int i = 0; i < messages.Count; i++)
        {
            ProbedMessage message = messages[i];
            bool counts = bounds.Counts(conversation, i);
            // where a message in between shows no content, as a tool call does in some templates, its header is still there
            bool followsPrevious = message.Index == (i == 0 ? 0 : messages[i - 1].Index + 1);
            if (message.Role == 'a' && counts && i > 0)
                _answerGaps.Add(Other(conversation, i));
            if (!counts && followsPrevious)
                (i == 0 ? _firstOthers : _others).Add((message.Role, Other(conversation, i)));
            bool opens = !opensUsually || ProbeSet.HasUsualRoles(conversation.Probe);
            if (counts && followsPrevious && opens && message.Role == 'a')
                OpeningsBehind(conversation, i).Add(Opening(conversation, i, mask));
            if (!counts)
            {
                if (!conversation.IsLast(i) && !bounds.Counts(conversation, i + 1))
                    _otherEnds.Add(UpToFirstLine(conversation.Behind(i)));
                continue;
            }
            _leavesLastAnswerOpen |= conversation.IsLast(i) && message.Role == 'a' && conversation.Behind(i).Length == 0;
            bool isFollowed = conversation.IsLast(i) || messages[i + 1].Index == message.Index + 1;
            if (isFollowed && End(conversation, i, mask) is { Symbols.Length: > 0 } end)
                AddEnd(end);
        }
    }

    private List<TurnOpening> OpeningsBehind(ProbedConversation conversation, int message) =>
        message == 0 ? _firstOpenings : bounds.Counts(conversation, message - 1) ? _openingsBehindAnswers : _openings;

    /// <summary>A tool call opens like any answer, but for a template in which it has a header of its own.</summary>
    private void LookAtToolCalls()
    {
        foreach (ProbedConversation conversation in conversations)
        {
            bool[] mask = bounds.MaskOf(conversation);
            for (int i = 1; i < conversation.Messages.Count; i++)
            {
                if (conversation.Messages[i].Role is not ('A' or 'B' or 'R' or 'k') || !bounds.Counts(conversation, i))
                    continue;
                int[] before = conversation.Before(i);
                if (!_openings.Exists(opening => before.AsSpan().IndexOf(opening.Symbols) >= 0)
                    && conversation.Messages[i].Index == conversation.Messages[i - 1].Index + 1)
                {
                    _openings.Add(Opening(conversation, i, mask));
                }
            }
        }
    }

    private TurnOpening Opening(ProbedConversation conversation, int message, bool[] mask)
    {
        int end = bounds.HeaderEnd(conversation, message);
        int start = conversation.FixedStart(conversation.StartOfGap(message), end);
        // what comes before the first added token may depend on the message before
        if (message > 0)
            start += FirstAdded(conversation.Symbols[start..end]);
        // what a mark around the answer before holds is that answer's end
        bool[] masked = mask[start..end];
        if (message > 0 && bounds.Counts(conversation, message - 1))
            masked.AsSpan(0, Math.Max(Array.IndexOf(masked, false), 0)).Clear();
        return new TurnOpening(conversation.Symbols[start..end], masked);
    }

    private int[] Other(ProbedConversation conversation, int message)
    {
        int start = conversation.StartOfGap(message);
        int[] symbols = conversation.Symbols[start..conversation.FixedEnd(start, conversation.Messages[message].Start)];
        return message == 0 ? symbols : symbols[FirstAdded(symbols)..];
    }

    private TurnEnd End(ProbedConversation conversation, int message, bool[] mask)
    {
        int start = conversation.Messages[message].End, end = conversation.EndOfGap(message);
        if (conversation.Messages[message].Role is 'A' or 'B')
        {
            // what closes a tool call's text belongs to it; its turn ends like any answer, or else with the last special token that counts
            int[] behind = conversation.Behind(message);
            int found = behind.AsSpan().IndexOfAny(bounds.EndTokens);
            for (int i = behind.Length - 1; found < 0 && i >= 0; i--)
            {
                if (mask[start + i] && SymbolSequence.IsSpecial(behind[i], tokenizer))
                    found = i;
            }

            if (found < 0 && bounds.EndText.Length > 0)
                found = behind.AsSpan().IndexOf(bounds.EndText);
            if (found < 0)
                return new TurnEnd([], [], false, false);
            start += found;
        }
        end = conversation.FixedEnd(start, end);
        int[] symbols = conversation.Symbols[start..end];
        int think = symbols.AsSpan().IndexOf(_think);
        if (think >= 0)
            symbols = symbols[..think];
        if (!conversation.IsLast(message))
            symbols = UpToFirstLine(symbols);
        bool endsText = conversation.IsLast(message) && end == conversation.Symbols.Length && think < 0;
        bool[] masked = mask[start..(start + symbols.Length)];
        return new TurnEnd(symbols, masked, endsText, IsAmbiguous: false);
    }

    private void AddEnd(TurnEnd end)
    {
        if (!_ends.Exists(known => known.Symbols.AsSpan().SequenceEqual(end.Symbols) && known.EndsText == end.EndsText))
            _ends.Add(end);
    }

    private TurnEnd[] Ends() =>
    [
        .. _ends.Where(end => !_ends.Exists(other => other != end && !other.EndsText && !end.EndsText &&
                other.Symbols.Length < end.Symbols.Length && end.Symbols.AsSpan().StartsWith(other.Symbols)))
            .Select(end => end with { IsAmbiguous = !end.EndsText && _otherEnds.Exists(other => other.AsSpan().StartsWith(end.Symbols)) }),
    ];

    /// <summary>Leaves out what the template writes of the next message beyond its header's line: it may depend on the message.</summary>
    private static int[] UpToFirstLine(int[] symbols)
    {
        int added = Array.FindLastIndex(symbols, SymbolSequence.IsAdded);
        int line = added < 0 ? -1 : Array.IndexOf(symbols, '\n', added);
        return line < 0 ? symbols : symbols[..(line + 1)];
    }

    private static int FirstAdded(int[] symbols) => Math.Max(Array.FindIndex(symbols, SymbolSequence.IsAdded), 0);

    private static TurnOpening FromSecondAdded(TurnOpening opener)
    {
        int first = Array.FindIndex(opener.Symbols, SymbolSequence.IsAdded);
        int second = first < 0 ? -1 : Array.FindIndex(opener.Symbols, first + 1, SymbolSequence.IsAdded);
        return second < 0 ? new TurnOpening([], []) : new TurnOpening(opener.Symbols[second..], opener.Masked[second..]);
    }

    /// <summary>The other messages, but for tools', that begin as an answer does.</summary>
    private IEnumerable<char> AlikeIn(TurnOpening opener) =>
        _others.Where(other => other.Role is 'u' or 's' or 'a' && other.Symbols.AsSpan().SequenceEqual(opener.Symbols)).Select(other => other.Role);

    private static string NameOf(char role) => role switch
    {
        'u' => "a user's message",
        's' => "a system message",
        _ => "an answer that its generation marks leave out"
    };

    private bool IsLikeAnswer((char Role, int[] Symbols) other) =>
        other.Role is not ('u' or 's' or 'a') && _answerGaps.Exists(gap => gap.AsSpan().SequenceEqual(other.Symbols));

    /// <summary>Whether it could as well be what begins another message and the white space that its content starts with.</summary>
    private static bool IsOtherAndSpace(TurnOpening opening, IEnumerable<(char Role, int[] Symbols)> others) =>
        others.Any(other => other.Role is 'u' or 's' && other.Symbols.Length < opening.Symbols.Length && opening.Symbols.AsSpan().StartsWith(other.Symbols) &&
            IsWhite(opening.Symbols.AsSpan(other.Symbols.Length)));

    private static bool IsWhite(ReadOnlySpan<int> symbols) => symbols.IndexOfAnyExcept(' ', '\n') < 0;

    private static int[][] Distinct(IEnumerable<(char Role, int[] Symbols)> others)
    {
        List<int[]> kept = new();
        foreach ((_, int[] symbols) in others)
        {
            if (symbols.Length > 0 && !kept.Exists(other => other.AsSpan().SequenceEqual(symbols)))
                kept.Add(symbols);
        }

        return [.. kept];
    }

    /// <summary>The openings that do not end with another one which has the same in the mask, each once.</summary>
    private static TurnOpening[] Minimal(IEnumerable<TurnOpening> openings)
    {
        List<TurnOpening> kept = new();
        foreach (TurnOpening opening in openings.Where(opening => opening.Symbols.Length > 0).OrderBy(opening => opening.Symbols.Length))
        {
            if (!kept.Exists(other => opening.Symbols.AsSpan().EndsWith(other.Symbols) && opening.Masked.AsSpan().EndsWith(other.Masked) &&
                !opening.Masked.AsSpan(0, opening.Masked.Length - other.Masked.Length).Contains(true)))
            {
                kept.Add(opening);
            }
        }
        return [.. kept];
    }
}
