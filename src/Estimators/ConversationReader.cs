using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Reads prepared conversations from a data view into memory.</summary>
/// <param name="columns">The columns' names.</param>
/// <param name="lineNumber">That of line numbers.</param>
/// <param name="tokenCount">That of the tokens before the cut.</param>
/// <param name="vocabularySize">One more than the largest id allowed.</param>
/// <param name="isEnd">Whether a token can be an answer's end token.</param>
internal sealed class ConversationReader(ResponseColumns columns, string lineNumber, string tokenCount, int vocabularySize, Func<int, bool> isEnd)
{
    /// <summary>The name of the column with the weights; <see langword="null"/> for none.</summary>
    public string? Weight { get; init; }

    private const int RowsPerReport = 1000;

    /// <summary>Reads all rows in order, on every rank; those without a token to learn, or of weight 0, are listed apart.</summary>
    /// <exception cref="TrainingCancelledException">A rank was cancelled; the others have read to the end.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">A row's columns contradict each other, all rows have weight 0, or the first rows
    /// (<see cref="UnusableStart.MostRows"/>) all have no token to learn.</exception>
    public (IReadOnlyList<Response> Responses, IReadOnlyList<long> Lines, IReadOnlyList<SkippedPair> Skipped, TruncationReport? Truncation) Read(
        IDataView data, ICommunicator communicator, CancellationToken cancellation) => Read(data, [], _ => () => { }, communicator, cancellation);

    /// <summary>The same with further columns.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="further">Columns that are read, too.</param>
    /// <param name="keep">Makes what reads them of a live row; called for each row that is kept.</param>
    /// <param name="communicator">Connects the processes that train together.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public (IReadOnlyList<Response> Responses, IReadOnlyList<long> Lines, IReadOnlyList<SkippedPair> Skipped, TruncationReport? Truncation) Read(
        IDataView data, IReadOnlyList<DataViewSchema.Column> further, Func<DataViewRow, Action> keep, ICommunicator communicator,
        CancellationToken cancellation)
    {
        List<Response> responses = [];
        List<long> lines = [];
        List<SkippedPair> skipped = [];
        DataViewSchema.Column[] bound = [.. columns.Inputs.Select(input => input.Bind(data.Schema))];
        DataViewSchema.Column? line = LineNumbers.Find(data.Schema, lineNumber);
        TokenCounts? counts = TokenCounts.Find(data.Schema, tokenCount);
        const string Option = "WeightColumnName", FileOption = $"{nameof(ConversationFileOptions)}.{nameof(ConversationFileOptions.Weight)}";
        DataViewSchema.Column? weight = Weight is null ? null : WeightColumn.Find(data.Schema, Weight, Option, FileOption);
        TruncationTally? tally = counts is null ? null : new TruncationTally(counts, isEnd, TruncationReport.Single);
        using DataViewRowCursor cursor = data.GetRowCursor(
            [.. bound, .. new[] { line, weight }.OfType<DataViewSchema.Column>(), .. counts?.Columns ?? [], .. further]);
        Func<string, Response> read = columns.Reader(new InputRow(cursor, [.. bound]), 0, vocabularySize);
        ValueGetter<long>? lineOf = line is { } column ? cursor.GetGetter<long>(column) : null;
        Func<int[]>? lengthsOf = counts?.Reader(cursor);
        Func<double>? weightOf = weight is { } weights ? NumberColumn.Reader(cursor, weights) : null;
        int weightless = 0;
        Action keepFurther = keep(cursor);
        while (cursor.MoveNext())
        {
            if (cancellation.IsCancellationRequested)
                break;
            if (cursor.Position % RowsPerReport == 0)
                communicator.Activity.Report($"reading the data, row {cursor.Position + 1}");
            long number = 0;
            lineOf?.Invoke(ref number);
            string place = lineOf is null ? $"row {cursor.Position + 1}" : $"line {number}";
            long shown = lineOf is null ? cursor.Position + 1 : number;
            double ownWeight = weightOf is null ? 1 : WeightColumn.Checked(weightOf(), place);
            if (ownWeight == 0)
            {
                weightless++;
                skipped.Add(new SkippedPair(shown, WeightColumn.NoWeight));
                continue;
            }
            Response response = read(place) with { Weight = ownWeight };
            int[]? lengths = lengthsOf?.Invoke();
            if (lengths is not null)
                tally!.Add(lengths, response);
            if (response.LossTokens == 0)
            {
                bool? isCut = lengths is null ? null : TruncationTally.IsCut(response, lengths[0]);
                skipped.Add(new SkippedPair(shown, UnusableStart.NothingLeft("a response", isCut)));
                if (responses.Count == 0 && skipped.Count - weightless == UnusableStart.MostRows)
                    throw UnusableStart.Error(skipped, tally?.Report(), "conversations", hasMore: true);
                continue;
            }
            responses.Add(response);
            lines.Add(number);
            keepFurther();
        }
        CancellationAgreement.ThrowIfCancelled(communicator, "the data was read", cancellation);
        if (weightless > 0 && weightless == skipped.Count && responses.Count == 0)
            throw new InvalidDataException($"All {weightless} conversations have weight 0, which leaves none.");
        return (responses, lines, skipped, tally?.Report());
    }
}
