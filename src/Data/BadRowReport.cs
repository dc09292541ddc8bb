using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>What one complete pass over the files delivered and left out.</summary>
/// <remarks>
/// The report of the latest complete pass travels as an annotation of the line number column, so it reaches a trainer through
/// every stock transform that passes that column on. Saved with the data by <c>SaveAsBinary</c>, it is that of the saving pass.
/// It covers the files whole, whatever part of the rows a split or a filter lets through.
/// </remarks>
public sealed class BadRowReport
{
    /// <summary>How many bad rows are listed one by one at most; beyond that they are counted only.</summary>
    public const int MaxListedRows = 10_000;

    internal const string AnnotationKind = "BadRows";
    private const int LinesInText = 10;

    private static readonly JsonSerializerOptions s_json = new()
    {
        Converters = { new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    [JsonConstructor]
    internal BadRowReport(long goodRowCount, long blankLineCount, long badRowCount, IReadOnlyDictionary<BadRowReason, long> countsByReason,
        IReadOnlyList<BadRow> rows, long tieCount = 0)
    {
        GoodRowCount = goodRowCount;
        BlankLineCount = blankLineCount;
        BadRowCount = badRowCount;
        CountsByReason = countsByReason;
        Rows = rows;
        TieCount = tieCount;
    }

    /// <summary>Rows that were delivered.</summary>
    public long GoodRowCount { get; }

    /// <summary>Lines with nothing but white space, which are no rows.</summary>
    public long BlankLineCount { get; }

    /// <summary>Rows that were left out.</summary>
    public long BadRowCount { get; }

    /// <summary>Rows that were left out, by the kind of fault.</summary>
    public IReadOnlyDictionary<BadRowReason, long> CountsByReason { get; }

    /// <summary>The rows that were left out, in the order of the files: the first <see cref="MaxListedRows"/> of them.</summary>
    public IReadOnlyList<BadRow> Rows { get; }

    /// <summary>Pairs of answers that were left out because the row says that neither is better.</summary>
    public long TieCount { get; }

    /// <summary>Says in one line how many rows were left out, why, and which lines they are.</summary>
    public override string ToString()
    {
        if (BadRowCount == 0)
            return GoodRowCount == 0 && TieCount > 0 ? Ties[2..] : $"all {GoodRowCount} rows are good{Ties}";
        StringBuilder text = new($"{BadRowCount} of {GoodRowCount + BadRowCount} rows skipped: ");
        bool manyFiles = Rows.Select(row => row.Path).Distinct().Count() > 1;
        text.AppendJoin("; ", CountsByReason.Select(pair => $"{pair.Value} {pair.Key} ({Lines(pair.Key, pair.Value, manyFiles)})"));
        return text.Append(Ties).ToString();
    }

    /// <summary>The report that a schema carries.</summary>
    /// <returns>Null where no column carries one, or no pass over the files is complete yet.</returns>
    internal static BadRowReport? Find(DataViewSchema schema)
    {
        foreach (DataViewSchema.Column column in schema)
        {
            if (column.Annotations.Schema.GetColumnOrNull(AnnotationKind) is { Type: TextDataViewType })
                return At(column);
        }
        return null;
    }

    /// <summary>The report of a column that carries one; null where no pass over the files is complete yet.</summary>
    internal static BadRowReport? At(DataViewSchema.Column column)
    {
        ReadOnlyMemory<char> text = default;
        column.Annotations.GetValue(AnnotationKind, ref text);
        return text.IsEmpty ? null : JsonSerializer.Deserialize<BadRowReport>(text.Span, s_json);
    }

    /// <summary>What several reports say together.</summary>
    internal static BadRowReport Sum(IReadOnlyList<BadRowReport> reports) => new(
        reports.Sum(report => report.GoodRowCount), reports.Sum(report => report.BlankLineCount), reports.Sum(report => report.BadRowCount),
        reports.SelectMany(report => report.CountsByReason).GroupBy(count => count.Key)
            .ToDictionary(reason => reason.Key, reason => reason.Sum(count => count.Value)),
        [.. reports.SelectMany(report => report.Rows).Take(MaxListedRows)], reports.Sum(report => report.TieCount));

    /// <summary>The annotation's text. Saved models keep their schema's annotations, so it holds nothing of the data and no folder names.</summary>
    internal string ToAnnotation()
    {
        BadRow[] rows = [.. Rows.Select(row => row with { Path = Path.GetFileName(row.Path), Message = null })];
        return JsonSerializer.Serialize(new BadRowReport(GoodRowCount, BlankLineCount, BadRowCount, CountsByReason, rows, TieCount), s_json);
    }

    private string Ties => TieCount == 0 ? "" : $"; {TieCount} {(TieCount == 1 ? "pair" : "pairs")} of answers left out as ties";

    private string Lines(BadRowReason reason, long count, bool manyFiles)
    {
        string[] lines = [.. Rows.Where(row => row.Reason == reason).Take(LinesInText)
            .Select(row => manyFiles ? $"{row.Path}:{row.LineNumber}" : $"{row.LineNumber}")];
        string more = count > lines.Length ? $" and {count - lines.Length} more" : "";
        return lines.Length == 0 ? $"{count} not listed" : $"{(manyFiles ? "" : count == 1 ? "line " : "lines ")}{string.Join(", ", lines)}{more}";
    }
}
