using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Transforms.Rows;
using MiniMind.MLNet.Dpo.Transforms.Splitting;

namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>Reads the pairs of a view one after the other; may be read again.</summary>
/// <param name="data">Has the columns.</param>
/// <param name="settings">Their names.</param>
internal sealed class PairSource(IDataView data, DiagnosisSettings settings)
{
    private readonly DataViewSchema.Column _chosen = InputColumn.Text(settings.Chosen).Bind(data.Schema),
        _rejected = InputColumn.Text(settings.Rejected).Bind(data.Schema);

    /// <summary>Whether rows are told by the lines of their files; else by their places.</summary>
    public bool HasLines => Line is not null;

    private DataViewSchema.Column? Line => data.Schema.GetColumnOrNull(settings.LineNumber) is { } found && found.Type == NumberDataViewType.Int64 ? found
        : null;

    /// <summary>The pairs in order.</summary>
    /// <param name="wanted">Which rows, counted from 0; the others are passed by unread. All, where it is null.</param>
    /// <exception cref="InvalidDataException">A side is no JSON list of messages; the message says which.</exception>
    public IEnumerable<DiagnosedPair> Read(Func<long, bool>? wanted = null)
    {
        DataViewSchema.Column? line = Line;
        using DataViewRowCursor cursor = data.GetRowCursor(line is { } numbered ? [_chosen, _rejected, numbered] : [_chosen, _rejected]);
        ValueGetter<ReadOnlyMemory<char>> chosenOf = cursor.GetGetter<ReadOnlyMemory<char>>(_chosen),
            rejectedOf = cursor.GetGetter<ReadOnlyMemory<char>>(_rejected);
        ValueGetter<long>? lineOf = line is { } column ? cursor.GetGetter<long>(column) : null;
        ReadOnlyMemory<char> chosen = default, rejected = default;
        for (long row = 0; cursor.MoveNext(); row++)
        {
            if (wanted?.Invoke(row) == false)
                continue;
            long number = row + 1;
            lineOf?.Invoke(ref number);
            chosenOf(ref chosen);
            rejectedOf(ref rejected);
            yield return Pair(chosen.ToString(), rejected.ToString(), number);
        }
    }

    private DiagnosedPair Pair(string chosen, string rejected, long line)
    {
        try
        {
            ParsedSide one = new(chosen, "chosen"), other = new(rejected, "rejected");
            int shared = one.SharedWith(other);
            return new DiagnosedPair(line, one.Key, other.Key, Prompt(chosen, rejected), one.TextBefore(shared), one.AnswerBehind(shared),
                other.AnswerBehind(shared));
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidDataException($"{(HasLines ? "line" : "row")} {line}, columns '{settings.Chosen}' and '{settings.Rejected}': {fault.Message}.",
                fault);
        }
    }

    private static string? Prompt(string chosen, string rejected)
    {
        try
        {
            return PromptText.Of(chosen, rejected);
        }
        catch (InvalidDataException)
        {
            return null; // the sides share none, which is a finding
        }
    }
}
