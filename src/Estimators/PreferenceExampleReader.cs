using Microsoft.ML;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Reads prepared pairs from a data view into memory, and sorts out those that carry no preference.</summary>
/// <param name="columns">The columns' names.</param>
/// <param name="policy">What happens to pairs that carry no preference.</param>
/// <param name="vocabularySize">One more than the largest id allowed.</param>
/// <param name="isEnd">Whether a token can be an answer's end token.</param>
/// <param name="margin">What the data's margins are for; <see langword="null"/> where there is to be no column of them.</param>
internal sealed class PreferenceExampleReader(PairColumns columns, UnusablePairs policy, int vocabularySize, Func<int, bool> isEnd, PreferenceMargin? margin)
{
    private const int RowsPerReport = 1000;
    private readonly ResponseColumns _chosen = new(columns.ChosenInputIds, columns.ChosenLabels, columns.ChosenLossMask);
    private readonly ResponseColumns _rejected = new(columns.RejectedInputIds, columns.RejectedLabels, columns.RejectedLossMask);

    /// <summary>The columns that must be there.</summary>
    public IReadOnlyList<InputColumn> Inputs => [.. _chosen.Inputs, .. _rejected.Inputs];

    /// <summary>Reads all rows in order; every rank reads all. Pairs of weight 0 are left out whatever the policy.</summary>
    /// <returns>
    /// The pairs, those that were left out, and what truncation took from both; the last is <see langword="null"/> where the data does not say.
    /// </returns>
    /// <exception cref="TrainingCancelledException">A rank was cancelled; the others have read to the end.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">
    /// A row cannot be trained on and the policy is to fail, its columns contradict each other, or the first rows (<see cref="UnusableStart.MostRows"/>) all
    /// carry no preference.
    /// </exception>
    public (IReadOnlyList<PreferenceExample> Pairs, IReadOnlyList<SkippedPair> Skipped, TruncationReport? Truncation) Read(
        IDataView data, ICommunicator communicator, CancellationToken cancellation)
    {
        List<PreferenceExample> pairs = [];
        List<SkippedPair> skipped = [];
        int weightless = 0;
        DataViewSchema.Column[] bound = [.. Inputs.Select(input => input.Bind(data.Schema))];
        DataViewSchema.Column? line = LineNumbers.Find(data.Schema, columns.LineNumber);
        TokenCounts? counts = TokenCounts.Find(data.Schema, columns.ChosenTokenCount, columns.RejectedTokenCount);
        TruncationTally? tally = counts is null ? null : new TruncationTally(counts, isEnd, "chosen", "rejected");
        PairNumbers numbers = PairNumbers.Find(data.Schema, columns, margin);
        using DataViewRowCursor cursor = data.GetRowCursor(
            [.. bound, .. numbers.Columns, .. line is { } numbered ? [numbered] : Array.Empty<DataViewSchema.Column>(), .. counts?.Columns ?? []]);
        InputRow row = new(cursor, [.. bound]);
        Func<string, Response> chosen = _chosen.Reader(row, 0, vocabularySize), rejected = _rejected.Reader(row, 3, vocabularySize);
        ValueGetter<long>? lineOf = line is { } column ? cursor.GetGetter<long>(column) : null;
        Func<int[]>? lengthsOf = counts?.Reader(cursor);
        Func<string, (double Weight, double Offset)> numbersOf = numbers.Reader(cursor);
        while (cursor.MoveNext())
        {
            if (cancellation.IsCancellationRequested)
                break;
            if (cursor.Position % RowsPerReport == 0)
                communicator.Activity.Report($"reading the data, row {cursor.Position + 1}");
            long number = 0;
            lineOf?.Invoke(ref number);
            string place = lineOf is null ? $"row {cursor.Position + 1}" : $"line {number}";
            (double weight, double offset) = numbersOf(place);
            if (weight == 0)
            {
                weightless++;
                skipped.Add(new SkippedPair(lineOf is null ? cursor.Position + 1 : number, WeightColumn.NoWeight));
                continue;
            }
            PreferenceExample pair = new(chosen(place), rejected(place), number) { Weight = weight, Offset = offset };
            int[]? lengths = lengthsOf?.Invoke();
            if (lengths is not null)
                tally!.Add(lengths, pair.Chosen, pair.Rejected);
            if (policy == UnusablePairs.Keep || Fault(pair, lengths) is not { } fault)
            {
                pairs.Add(pair);
                continue;
            }
            if (policy == UnusablePairs.Fail)
            {
                throw new InvalidDataException(
                    $"{place}: {fault}. Mend or remove it, {(fault.EndsWith("after truncation", StringComparison.Ordinal) ? "raise MaxLength, " : "")}or set " +
                    "UnusablePairs to Skip.");
            }

            skipped.Add(new SkippedPair(lineOf is null ? cursor.Position + 1 : number, fault));
            if (pairs.Count == 0 && skipped.Count - weightless == UnusableStart.MostRows)
                throw UnusableStart.Error(skipped, tally?.Report(), "pairs", hasMore: true);
        }
        CancellationAgreement.ThrowIfCancelled(communicator, "the data was read", cancellation);
        if (weightless > 0 && weightless == skipped.Count
            && pairs.Count == 0)
        {
            throw new InvalidDataException($"All {weightless} pairs have weight 0, which leaves none.");
        }

        return (pairs, skipped, tally?.Report());
    }

    /// <summary>Why a pair carries no preference; <see langword="null"/> where it does.</summary>
    internal static string? Fault(PreferenceExample pair, int[]? lengths)
    {
        bool? chosenIsCut = lengths is null ? null : TruncationTally.IsCut(pair.Chosen, lengths[0]),
            rejectedIsCut = lengths is null ? null : TruncationTally.IsCut(pair.Rejected, lengths[1]);
        if (pair.Chosen.LossTokens == 0)
            return UnusableStart.NothingLeft("the chosen response", chosenIsCut);
        if (pair.Rejected.LossTokens == 0)
            return UnusableStart.NothingLeft("the rejected response", rejectedIsCut);
        if (!pair.Chosen.SameLossAs(pair.Rejected))
            return null;
        bool isSame = pair.Chosen.InputIds.AsSpan().SequenceEqual(pair.Rejected.InputIds) && pair.Chosen.Labels.AsSpan().SequenceEqual(pair.Rejected.Labels);
        if (chosenIsCut == true || rejectedIsCut == true)
            return "both sides are the same after truncation";
        return isSame ? "both sides are the same" : "both sides are the same in all that the mask selects";
    }
}
