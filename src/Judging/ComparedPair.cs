namespace MiniMind.MLNet.Dpo;

/// <summary>Two answers to a prompt, and what a judge says of them.</summary>
public sealed record ComparedPair
{
    /// <summary>The prompt.</summary>
    public required string Prompt { get; init; }

    /// <summary>A's answer; <see langword="null"/> where it failed.</summary>
    public required string? A { get; init; }

    /// <summary>B's answer; <see langword="null"/> where it failed.</summary>
    public required string? B { get; init; }

    /// <summary>The judge's reply to A's answer before B's; <see langword="null"/> where it was not asked.</summary>
    public JudgeReply? AFirst { get; init; }

    /// <summary>The judge's reply to B's answer before A's; <see langword="null"/> where it was not asked.</summary>
    public JudgeReply? BFirst { get; init; }

    /// <summary>Why an answer is missing; <see langword="null"/> where both are there.</summary>
    public string? AnswerFault { get; init; }

    /// <summary>What it came to. A wins only where it is preferred in both orders, and so does B.</summary>
    public PairOutcome Outcome => (PreferredFirst, PreferredSecond) switch
    {
        _ when AnswerFault is not null => PairOutcome.Invalid,
        _ when IsSame => PairOutcome.Tie,
        (ShownAnswer.None, _) or (_, ShownAnswer.None) => PairOutcome.Invalid,
        (ShownAnswer.First, ShownAnswer.Second) => PairOutcome.Win,
        (ShownAnswer.Second, ShownAnswer.First) => PairOutcome.Loss,
        _ => PairOutcome.Tie,
    };

    /// <summary>Whether both answers are the same text: a tie, of which no judge is asked.</summary>
    public bool IsSame => A is not null && A == B;

    /// <summary>Whether the judge preferred another answer when they were swapped, so that the place decided and not the text.</summary>
    public bool IsFlipped => PreferredFirst != ShownAnswer.None && PreferredFirst == PreferredSecond;

    /// <summary>Why the pair is invalid; <see langword="null"/> where it is not.</summary>
    public string? Fault => AnswerFault ?? AFirst?.Fault ?? BFirst?.Fault;

    private ShownAnswer PreferredFirst => AFirst?.Preferred ?? ShownAnswer.None;

    private ShownAnswer PreferredSecond => BFirst?.Preferred ?? ShownAnswer.None;
}
