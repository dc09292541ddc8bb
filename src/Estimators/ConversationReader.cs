using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Reads prepared conversations from a data view into memory.</summary>
internal sealed class ConversationReader(ResponseColumns columns, string lineNumber, int vocabularySize)
{
    private const int RowsPerReport = 1000;

    /// <summary>Reads all rows in order, on every rank; those without a token to learn are listed apart.</summary>
    /// <exception cref="TrainingCancelledException">A rank was cancelled; the others have read to the end.</exception>
    public (IReadOnlyList<Response> Responses, IReadOnlyList<long> Lines, IReadOnlyList<SkippedPair> Skipped) Read(IDataView data, ICommunicator communicator, CancellationToken cancellation)
    {
        List<Response> responses = [];
        List<long> lines = [];
        List<SkippedPair> skipped = [];
        DataViewSchema.Column[] bound = [.. columns.Inputs.Select(input => input.Bind(data.Schema))];
        DataViewSchema.Column? line = LineNumbers.Find(data.Schema, lineNumber);
        using DataViewRowCursor cursor = data.GetRowCursor(line is { } numbered ? [.. bound, numbered] : bound);
        Func<string, Response> read = columns.Reader(new InputRow(cursor, [.. bound]), 0, vocabularySize);
        ValueGetter<long>? lineOf = line is { } column ? cursor.GetGetter<long>(column) : null;
        while (cursor.MoveNext())
        {
            if (cancellation.IsCancellationRequested) break;
            if (cursor.Position % RowsPerReport == 0) communicator.Activity.Report($"reading the data, row {cursor.Position + 1}");
            long number = 0;
            lineOf?.Invoke(ref number);
            Response response = read(lineOf is null ? $"row {cursor.Position + 1}" : $"line {number}");
            if (response.LossTokens == 0)
            {
                skipped.Add(new SkippedPair(lineOf is null ? cursor.Position + 1 : number, "no token of a response is left after truncation and masking"));
                continue;
            }
            responses.Add(response);
            lines.Add(number);
        }
        CancellationAgreement.ThrowIfCancelled(communicator, "the data was read", cancellation);
        return (responses, lines, skipped);
    }
}
