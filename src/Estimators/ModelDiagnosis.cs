using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Transforms.Diagnosis;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Looks at pairs as a model gets them: what the maximum length takes, and what the model prefers already. Holds the pairs that are scored.</summary>
/// <param name="model">The model.</param>
/// <param name="options">How.</param>
/// <param name="settings">The same for texts.</param>
internal sealed class ModelDiagnosis(PretrainedModel model, PreferenceDiagnosisOptions options, DiagnosisSettings settings)
{
    private const int ScoredTogether = 16, LogitsMegabytes = 64;
    private const int LeastPairs = 20; // with fewer, a share says little
    private const double Easy = 0.95, Against = 0.4; // the first is the guard's
    private const double FarFromMedian = 10; // medians of distance: beyond 6 standard deviations of a normal distribution

    private readonly List<PreferenceExample> _sample = [];
    private readonly List<long> _cut = [];
    private readonly List<(long Line, string Fault)> _unusable = [];
    private (long Line, double Margin)[] _extremes = [];
    private long _rows;

    /// <summary>What the maximum length took.</summary>
    public TruncationReport? Truncation { get; private set; }

    /// <summary>What the model prefers.</summary>
    public ReferenceMargins? Margins { get; private set; }

    /// <summary>Runs over the pairs.</summary>
    /// <param name="prepared">As the preparation of the options makes them.</param>
    /// <param name="count">How many there are.</param>
    public IEnumerable<DiagnosisFinding> Run(IDataView prepared, long count)
    {
        Read(prepared, count);
        if (_sample.Count > 0)
            Score();
        return [.. ((DiagnosisFinding?[])[Cut(), Unusable(), EasyPairs(), Disagreement(), Extremes()]).OfType<DiagnosisFinding>()];
    }

    private void Read(IDataView prepared, long count)
    {
        PairColumns columns = options.Preparation.Columns;
        ResponseColumns chosenColumns = new(columns.ChosenInputIds, columns.ChosenLabels, columns.ChosenLossMask),
            rejectedColumns = new(columns.RejectedInputIds, columns.RejectedLabels, columns.RejectedLossMask);
        DataViewSchema.Column[] bound = [.. chosenColumns.Inputs.Concat(rejectedColumns.Inputs).Select(input => input.Bind(prepared.Schema))];
        TokenCounts counts = TokenCounts.Find(prepared.Schema, columns.ChosenTokenCount, columns.RejectedTokenCount)!;
        DataViewSchema.Column? line = LineNumbers.Find(prepared.Schema, settings.LineNumber);
        using DataViewRowCursor cursor = prepared.GetRowCursor(
            [.. bound, .. counts.Columns, .. line is { } numbered ? [numbered] : Array.Empty<DataViewSchema.Column>()]);
        InputRow row = new(cursor, [.. bound]);
        Func<string, Response> chosen = chosenColumns.Reader(row, 0, model.Config.VocabularySize),
            rejected = rejectedColumns.Reader(row, chosenColumns.Inputs.Count, model.Config.VocabularySize);
        Func<int[]> lengthsOf = counts.Reader(cursor);
        ValueGetter<long>? lineOf = line is { } column ? cursor.GetGetter<long>(column) : null;
        Func<int, bool> isEnd = EndTokens.Of(model.Tokenizer);
        TruncationTally tally = new(counts, isEnd, "chosen", "rejected");
        for (; cursor.MoveNext(); _rows++)
        {
            long number = _rows + 1;
            lineOf?.Invoke(ref number);
            string place = $"{(lineOf is null ? "row" : "line")} {number}";
            PreferenceExample pair = new(chosen(place), rejected(place), number);
            int[] lengths = lengthsOf();
            tally.Add(lengths, pair.Chosen, pair.Rejected);
            if (LosesAnything(counts, isEnd, lengths, pair))
                _cut.Add(number);
            if ((PreferenceExampleReader.Fault(pair, lengths) ?? TooLong(pair)) is { } fault)
                _unusable.Add((number, fault));
            else if (IsSampled(_rows, count))
                _sample.Add(pair);
        }
        Truncation = tally.Report();
    }

    private string? TooLong(PreferenceExample pair)
    {
        int longest = Math.Max(pair.Chosen.InputIds.Length, pair.Rejected.InputIds.Length);
        return longest <= model.Config.MaxPositions ? null
            : Say($"{longest} tokens, and the model takes {model.Config.MaxPositions}: MaxLength is too large for it");
    }

    private static bool LosesAnything(TokenCounts counts, Func<int, bool> isEnd, int[] lengths, PreferenceExample pair)
    {
        if (!TruncationTally.IsCut(pair.Chosen, lengths[0]) && !TruncationTally.IsCut(pair.Rejected, lengths[1]))
            return false;
        TruncationTally alone = new(counts, isEnd, "chosen", "rejected");
        alone.Add(lengths, pair.Chosen, pair.Rejected);
        return alone.Report()!.LosesAnything;
    }

    // evenly spaced, the first among them
    private bool IsSampled(long row, long count)
    {
        long most = Math.Min(options.ScoredPairs, count);
        return most > 0 && row * most / count != (row - 1) * most / count || row == 0 && most > 0;
    }

    private void Score()
    {
        ScoringOptions scoring = new()
        {
            Beta = 1, Reduction = options.Reduction, BatchSize = ScoredTogether, MaxLogitsMegabytes = LogitsMegabytes, Precision = ComputePrecision.Fp32,
            ReferenceFree = true,
            InputColumns = options.Preparation.Columns, ScoreColumns = new ScoreColumns(),
        };
        PairScorer scorer = new(new ResponseScorer(model.Network, null, scoring), mostRows: 0);
        List<(long Line, double Margin)> margins = [];
        double right = 0;
        foreach (PreferenceExample[] batch in _sample.Chunk(ScoredTogether))
        {
            PairScores[] scores = scorer.Score([.. batch.Select(pair => pair.Chosen)], [.. batch.Select(pair => pair.Rejected)], withRewards: false);
            foreach ((PreferenceExample pair, PairScores score) in batch.Zip(scores))
            {
                margins.Add((pair.Line, score.Chosen.LogProb - score.Rejected.LogProb));
                right += RewardAccuracy.Of(score.Chosen.LogProb, score.Rejected.LogProb);
            }
        }
        (long Line, double Margin)[] sorted = [.. margins.OrderBy(margin => margin.Margin)];
        double mean = margins.Average(margin => margin.Margin);
        double deviation = Math.Sqrt(margins.Sum(margin => (margin.Margin - mean) * (margin.Margin - mean)) / Math.Max(1, margins.Count - 1));
        int shown = Math.Min(3, sorted.Length);
        Margins = new ReferenceMargins(
            sorted.Length, options.Reduction, mean, deviation, [Quantile(sorted, 0.25), Quantile(sorted, 0.5), Quantile(sorted, 0.75)], right,
                [.. sorted.Take(shown)], [.. sorted.Reverse().Take(shown)]);
        double[] distances = [.. sorted.Select(margin => Math.Abs(margin.Margin - Quantile(sorted, 0.5))).Order()];
        double limit = FarFromMedian * distances[distances.Length / 2];
        _extremes = limit > 0 ? [.. margins.Where(margin => Math.Abs(margin.Margin - Quantile(sorted, 0.5)) > limit)] : [];
    }

    private static double Quantile((long Line, double Margin)[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        double above = sorted[Math.Min(below + 1, sorted.Length - 1)].Margin;
        return sorted[below].Margin + (place - below) * (above - sorted[below].Margin);
    }

    private DiagnosisFinding? Cut() => Finding(
        DiagnosisFindingKind.CutPairs, _cut, _rows, line =>
            Text(line), Say($"{Count(_cut.Count)} lose an answer, its end or the prompt's beginning to the maximum length of {Truncation?.MaxLength} tokens"),
        "An answer without its end token teaches the model not to stop; one that is cut away teaches nothing; and both sides are compared by what happens "
            + "to be left of them.",
        Truncation is { } truncation ? $"{truncation.Advice} (of the preparation and the trainer); or leave out what is longer." : "");

    private DiagnosisFinding? Unusable() => Finding(
        DiagnosisFindingKind.WithoutPreference, _unusable, _rows, pair => $"{Text(pair.Line)} ({pair.Fault})",
            Say($"{Count(_unusable.Count)} carry no preference once they are prepared"),
        "Training leaves them out, so that the set is smaller than it looks.", "Mend what the examples say, or remove the pairs.", pair => pair.Line);

    private DiagnosisFinding? EasyPairs() => Margins is { Pairs: >= LeastPairs } margins && margins.Share > Easy
        ? new(DiagnosisFindingKind.EasyPairs,
            Say($"the model prefers the chosen answer in {margins.Right} of {margins.Pairs} pairs already ({margins.Share:P1})"), (long)margins.Right,
            margins.Share, [], [],
            "There is little left to learn, and the loss falls by making the gap wider where it need not be.",
            "Use rejected answers that the model itself could write, or leave out the pairs that it gets right.")
        : null;

    private DiagnosisFinding? Disagreement()
    {
        if (Margins is not { Pairs: >= LeastPairs } margins
            || ShareInterval.Of(margins.Share, margins.Pairs, ShareInterval.Certain).Upper >= Against)
        {
            return null;
        }

        double wrong = margins.Pairs - margins.Right;
        return new DiagnosisFinding(DiagnosisFindingKind.ModelDisagrees,
            Say($"the model prefers the rejected answer in {wrong} of {margins.Pairs} pairs ({wrong / margins.Pairs:P1})"), (long)wrong, wrong / margins.Pairs,
            [.. margins.Lowest.Select(pair => pair.Line)], [.. margins.Lowest.Select(pair => Say($"{pair.Line} ({pair.Margin:0.00})"))],
            "Either the labels are the wrong way round, or the rejected answers are the model's own, which it finds likely, and the chosen ones another's.",
            "Read the examples. Where the labels are right, this is what training is for: watch the chosen answers' log-probability, which falls easily.");
    }

    private DiagnosisFinding? Extremes() => Finding(
        DiagnosisFindingKind.ExtremeMargins, _extremes, Margins?.Pairs
            ?? 0, pair => Say($"{pair.Line} ({pair.Margin:+0.00;-0.00})"),
            Say($"{Count(_extremes.Length)} of {Margins?.Pairs} scored have a margin far from that of all others"),
        "Such pairs are often broken rows: an answer in another language, of one token, or of the wrong prompt; and their gradients can outweigh the "
            + "rest.", "Read the examples.", pair => pair.Line);

    private DiagnosisFinding? Finding<T>(
        DiagnosisFindingKind kind, IReadOnlyCollection<T> rows, long of, Func<T, string> example, string summary, string why, string remedy, Func<T,
        long>? line = null) => rows.Count == 0 ? null : new(
        kind, $"{summary} ({Say($"{(double)rows.Count / of:P1}")})", rows.Count, (double)rows.Count / of,
            [.. rows.Take(settings.Examples).Select(row => line is null ? (long)(object)row! : line(row))],
        [.. rows.Take(settings.Examples).Select(example)], why, remedy);

    private static string Count(int count) => Say($"{count:N0} {(count == 1 ? "pair" : "pairs")}");

    private static string Text(long line) => line.ToString(CultureInfo.InvariantCulture);

    private static string Say(FormattableString text) => FormattableString.Invariant(text);
}
