using MiniMind.MLNet.Dpo.Training.Batches;


namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Counts over the rows of a run what the maximum length took from them.</summary>
/// <param name="counts">How many tokens there were before.</param>
/// <param name="isEnd">Whether a token can be an answer's end token.</param>
/// <param name="sides">What the sides of a row are called.</param>
internal sealed class TruncationTally(TokenCounts counts, Func<int, bool> isEnd, params string[] sides)
{
    private const int LongestTail = 3; // tokens behind the last answer's end, such as a line end; another turn has more
    private const double Most = 0.95;
    private readonly int[] _cut = new int[sides.Length], _ends = new int[sides.Length], _answers = new int[sides.Length], _starts = new int[sides.Length];
    private readonly List<int> _lengths = [];
    private int _longestKept;

    /// <summary>Counts one row.</summary>
    /// <param name="lengths">The tokens that each side had before.</param>
    /// <param name="responses">What is left of each side.</param>
    public void Add(int[] lengths, params ReadOnlySpan<Response> responses)
    {
        _lengths.Add(lengths.Max());
        for (int side = 0; side < sides.Length; side++)
        {
            Response left = responses[side];
            if (!IsCut(left, lengths[side]))
                continue;
            _cut[side]++;
            _longestKept = Math.Max(_longestKept, left.InputIds.Length + 1);
            if (left.LossTokens == 0)
                _answers[side]++;
            if (counts.Truncation?.Policy == TruncationPolicy.KeepEnd)
                _starts[side]++;
            else if (left.LossTokens > 0 && !EndIsLeft(left, lengths[side], out bool answerIsGone))
                (answerIsGone ? _answers : _ends)[side]++;
        }
    }

    /// <summary>Whether a side lost tokens.</summary>
    public static bool IsCut(Response left, int length) => length > left.InputIds.Length + 1; // the shift leaves one less than there were

    /// <summary>What came out; <see langword="null"/> where no row was counted.</summary>
    public TruncationReport? Report()
    {
        if (_lengths.Count == 0)
            return null;
        int[] sorted = [.. _lengths.Order()];
        return new TruncationReport
        {
            MaxLength = counts.Truncation?.MaxLength ?? (_longestKept > 0 ? _longestKept : sorted[^1]), Rows = sorted.Length,
            Sides = [.. sides.Select((name, side) => new SideTruncation(name, _cut[side], _ends[side], _answers[side], _starts[side]))],
            LengthForMost = sorted[(int)Math.Ceiling(Most * sorted.Length) - 1], LengthForAll = sorted[^1],
        };
    }

    /// <summary>Whether the last answer came before the cut, up to its end.</summary>
    private bool EndIsLeft(Response left, int length, out bool answerIsGone)
    {
        int last = left.NeededLength - 1; // the place of the last label that counts
        bool hasEnd = isEnd(left.Labels[last]) || last > 0 && left.LossMask[last - 1] != 0 && isEnd(left.Labels[last - 1]);
        bool reachesCut = left.NeededLength == left.Labels.Length;
        int behind = length - (last + 2); // tokens behind that one, in the conversation as it was
        answerIsGone = hasEnd ? behind > LongestTail : !reachesCut && behind > LongestTail;
        return !answerIsGone && (hasEnd || !reachesCut);
    }
}
