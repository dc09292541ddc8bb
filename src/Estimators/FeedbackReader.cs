using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Reads prepared answers with their verdicts from a data view into memory.</summary>
/// <param name="columns">The columns' names.</param>
/// <param name="vocabularySize">One more than the largest id allowed.</param>
/// <param name="isEnd">Whether a token can be an answer's end token.</param>
internal sealed class FeedbackReader(FeedbackColumns columns, int vocabularySize, Func<int, bool> isEnd)
{
    /// <summary>Why a column of weights is refused.</summary>
    public const string NoWeights = "Feedback takes no weights of rows: DesirableWeight and UndesirableWeight weigh good and bad answers. Where the rows "
        + "may count alike, leave the column out by mlContext.Transforms.DropColumns.";

    private readonly ConversationReader _reader = new(columns.Response, columns.LineNumber, columns.TokenCount, vocabularySize, isEnd);

    /// <summary>The column of the verdict.</summary>
    public static InputColumn Verdict(string name) => new(name, BooleanDataViewType.Instance);

    /// <summary>Reads all rows in order, on every rank; those without a token to learn are listed apart.</summary>
    /// <exception cref="TrainingCancelledException">A rank was cancelled; the others have read to the end.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, or there is one of weights.</exception>
    /// <exception cref="InvalidDataException">A row's columns contradict each other, or the first rows all have no token to learn.</exception>
    public (IReadOnlyList<FeedbackExample> Rows, IReadOnlyList<SkippedPair> Skipped, TruncationReport? Truncation) Read(
        IDataView data, ICommunicator communicator, CancellationToken cancellation)
    {
        WeightColumn.Refuse(data.Schema, NoWeights);
        List<bool> verdicts = [];
        DataViewSchema.Column verdict = Verdict(columns.IsGood).Bind(data.Schema);
        (IReadOnlyList<Response> responses, IReadOnlyList<long> lines, IReadOnlyList<SkippedPair> skipped, TruncationReport? truncation) =
            _reader.Read(data, [verdict], Keep, communicator, cancellation);
        return ([.. responses.Select((response, i) => new FeedbackExample(response, verdicts[i], lines[i]))], skipped, truncation);

        Action Keep(DataViewRow row)
        {
            ValueGetter<bool> getter = row.GetGetter<bool>(verdict);
            bool value = false;
            return () =>
            {
                getter(ref value);
                verdicts.Add(value);
            };
        }
    }
}
