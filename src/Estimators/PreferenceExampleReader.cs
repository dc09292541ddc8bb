using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Reads prepared pairs from a data view into memory, and sorts out those that carry no preference.</summary>
internal sealed class PreferenceExampleReader(PairColumns columns, UnusablePairs policy, int vocabularySize)
{
    private const int RowsPerReport = 1000;
    private readonly ResponseColumns _chosen = new(columns.ChosenInputIds, columns.ChosenLabels, columns.ChosenLossMask);
    private readonly ResponseColumns _rejected = new(columns.RejectedInputIds, columns.RejectedLabels, columns.RejectedLossMask);

    /// <summary>The columns that must be there.</summary>
    public IReadOnlyList<InputColumn> Inputs => [.. _chosen.Inputs, .. _rejected.Inputs];

    /// <summary>Reads all rows in order; every rank reads all.</summary>
    /// <exception cref="TrainingCancelledException">A rank was cancelled; the others have read to the end.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">A row cannot be trained on and the policy is to fail, or its columns contradict each other.</exception>
    public (IReadOnlyList<PreferenceExample> Pairs, IReadOnlyList<SkippedPair> Skipped) Read(IDataView data, ICommunicator communicator, CancellationToken cancellation)
    {
        List<PreferenceExample> pairs = [];
        List<SkippedPair> skipped = [];
        DataViewSchema.Column[] bound = [.. Inputs.Select(input => input.Bind(data.Schema))];
        DataViewSchema.Column? line = LineNumbers.Find(data.Schema, columns.LineNumber);
        using DataViewRowCursor cursor = data.GetRowCursor(line is { } numbered ? [.. bound, numbered] : bound);
        InputRow row = new(cursor, [.. bound]);
        Func<string, Response> chosen = _chosen.Reader(row, 0, vocabularySize), rejected = _rejected.Reader(row, 3, vocabularySize);
        ValueGetter<long>? lineOf = line is { } column ? cursor.GetGetter<long>(column) : null;
        while (cursor.MoveNext())
        {
            if (cancellation.IsCancellationRequested) break;
            if (cursor.Position % RowsPerReport == 0) communicator.Activity.Report($"reading the data, row {cursor.Position + 1}");
            long number = 0;
            lineOf?.Invoke(ref number);
            string place = lineOf is null ? $"row {cursor.Position + 1}" : $"line {number}";
            PreferenceExample pair = new(chosen(place), rejected(place), number);
            if (policy == UnusablePairs.Keep || Fault(pair) is not { } fault)
            {
                pairs.Add(pair);
                continue;
            }
            if (policy == UnusablePairs.Fail)
                throw new InvalidDataException($"{place}: {fault}. Mend or remove it, raise MaxLength, or set UnusablePairs to Skip.");
            skipped.Add(new SkippedPair(lineOf is null ? cursor.Position + 1 : number, fault));
        }
        CancellationAgreement.ThrowIfCancelled(communicator, "the data was read", cancellation);
        return (pairs, skipped);
    }

    private static string? Fault(PreferenceExample pair)
    {
        if (pair.Chosen.LossTokens == 0) return "no token of the chosen response is left after truncation and masking";
        if (pair.Rejected.LossTokens == 0) return "no token of the rejected response is left after truncation and masking";
        return pair.Chosen.SameLossAs(pair.Rejected) ? "both sides are the same after truncation" : null;
    }
}
