using System.Globalization;
using System.Text;
using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo;

/// <summary>How often the answers of A are better than those of B, as a judge sees it.</summary>
public sealed record WinRateResult
{
    private WinRateResult(IReadOnlyList<ComparedPair> pairs) => Pairs = pairs;

    /// <summary>Every prompt with its answers and replies, in order.</summary>
    public IReadOnlyList<ComparedPair> Pairs { get; }

    /// <summary>Prompts whose answer by A was preferred in both orders.</summary>
    public required int Wins { get; init; }

    /// <summary>Prompts where the judge disagreed with itself, or both answers are the same text.</summary>
    public required int Ties { get; init; }

    /// <summary>Prompts whose answer by B was preferred in both orders.</summary>
    public required int Losses { get; init; }

    /// <summary>Prompts that could not be judged; <see cref="ComparedPair.Fault"/> says why. They count in nothing else.</summary>
    public required int Invalid { get; init; }

    /// <summary>Prompts that were judged.</summary>
    public int Valid => Wins + Ties + Losses;

    /// <summary>Prompts with a winner.</summary>
    public int Decisive => Wins + Losses;

    /// <summary>(wins + ties / 2) / valid; not a number where none is valid.</summary>
    public double Score => (Wins + Ties / 2.0) / Valid;

    /// <summary>A's share of the decisive prompts; not a number where there is none.</summary>
    public double WinShare => (double)Wins / Decisive;

    /// <summary>Lower end of the 95 % Wilson score interval of <see cref="WinShare"/> (Wilson 1927); 0 where nothing is decisive.</summary>
    public double WinShareLower => Interval.Lower;

    /// <summary>Upper end of the interval; 1 where nothing is decisive.</summary>
    public double WinShareUpper => Interval.Upper;

    /// <summary>Prompts where the judge preferred another answer when they were swapped.</summary>
    public required int Flips { get; init; }

    /// <summary>Their share of the valid prompts that the judge was asked of; not a number where there is none.</summary>
    public required double FlipShare { get; init; }

    /// <summary>The share of the decisive prompts with answers of different lengths that the longer one won; not a number where there is none.</summary>
    public required double LongerWinShare { get; init; }

    /// <summary>The share of replies with a letter that preferred the answer that was shown first; not a number where there is none.</summary>
    public required double FirstShownShare { get; init; }

    /// <summary>The mean length of A's answers in characters (code points).</summary>
    public required double MeanLengthA { get; init; }

    /// <summary>The mean length of B's answers in characters (code points).</summary>
    public required double MeanLengthB { get; init; }

    /// <summary>Replies of the judge, two for each prompt that it was asked of, those from the file among them.</summary>
    public required int Replies { get; init; }

    /// <summary>How many of them failed or said no letter.</summary>
    public required int InvalidReplies { get; init; }

    /// <summary>How many came from the file, so that the judge was not asked.</summary>
    public required int CachedReplies { get; init; }

    private (double Lower, double Upper) Interval => Decisive == 0 ? (0, 1) : WilsonInterval.Of(Wins, Decisive);

    /// <summary>Counts.</summary>
    internal static WinRateResult Of(IReadOnlyList<ComparedPair> pairs)
    {
        ComparedPair[] asked = [.. pairs.Where(pair => pair is { Outcome: not PairOutcome.Invalid, IsSame: false })];
        JudgeReply[] replies = [.. pairs.SelectMany(pair => new[] { pair.AFirst, pair.BFirst }).OfType<JudgeReply>()];
        bool[] longerWon =
        [
            .. pairs.Where(pair => pair.Outcome is PairOutcome.Win or PairOutcome.Loss && Length(pair.A) != Length(pair.B))
                .Select(pair => (pair.Outcome == PairOutcome.Win) == (Length(pair.A) > Length(pair.B))),
        ];
        return new WinRateResult(pairs)
        {
            Wins = pairs.Count(pair => pair.Outcome == PairOutcome.Win),
            Ties = pairs.Count(pair => pair.Outcome == PairOutcome.Tie),
            Losses = pairs.Count(pair => pair.Outcome == PairOutcome.Loss),
            Invalid = pairs.Count(pair => pair.Outcome == PairOutcome.Invalid),
            Flips = asked.Count(pair => pair.IsFlipped),
            FlipShare = (double)asked.Count(pair => pair.IsFlipped) / asked.Length,
            LongerWinShare = (double)longerWon.Count(won => won) / longerWon.Length,
            FirstShownShare = (double)replies.Count(reply => reply.Preferred == ShownAnswer.First) / replies.Count(reply => reply.Fault is null),
            MeanLengthA = MeanLength(pairs.Select(pair => pair.A)),
            MeanLengthB = MeanLength(pairs.Select(pair => pair.B)),
            Replies = replies.Length,
            InvalidReplies = replies.Count(reply => reply.Fault is not null),
            CachedReplies = replies.Count(reply => reply.IsFromCache),
        };
    }

    /// <inheritdoc />
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Wins} wins, {Ties} ties, {Losses} losses, {Invalid} invalid of {Pairs.Count} prompts");
        if (Valid > 0)
            text.Append(CultureInfo.InvariantCulture, $"; score {Score:P1}");
        if (Decisive > 0)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"; {WinShare:P1} [{WinShareLower:P1}, {WinShareUpper:P1}] of the {Decisive} decisive ones won");
        }
        if (!double.IsNaN(FlipShare))
            text.Append(CultureInfo.InvariantCulture, $"; {FlipShare:P1} flip when the answers are swapped");
        if (!double.IsNaN(LongerWinShare))
            text.Append(CultureInfo.InvariantCulture, $"; the longer answer wins {LongerWinShare:P1}");
        text.Append(CultureInfo.InvariantCulture, $"; mean lengths {MeanLengthA:F0} and {MeanLengthB:F0} characters");
        if (Invalid > 0)
            text.Append($". The first that is invalid: {Pairs.First(pair => pair.Outcome == PairOutcome.Invalid).Fault}");
        return text.ToString();
    }

    private static int Length(string? text) => text?.EnumerateRunes().Count() ?? 0;

    private static double MeanLength(IEnumerable<string?> texts) => texts.OfType<string>().Select(text => Length(text)).DefaultIfEmpty().Average();
}
