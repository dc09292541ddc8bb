using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A lazy view of one or several files: every cursor reads them anew, row by row, in constant memory.</summary>
/// <remarks>
/// A row is parsed and checked whichever columns are active, so that every cursor sees the same rows. The view is safe to use from
/// several threads; a cursor serves one. It cannot shuffle and knows no row count before it has read.
/// </remarks>
internal sealed class JsonlDataView : IDataView
{
    private readonly IReadOnlyList<JsonlSource> _sources;
    private readonly Func<RowFormat> _newFormat;
    private readonly JsonlFileOptions _options;
    private readonly Action<BadRowReport>? _passCompleted;
    private readonly List<(JsonlColumn Kind, int Index)> _columns = [];
    private readonly bool _anyKind;
    private volatile BadRowReport? _report;

    /// <param name="sources">What to read, in this order.</param>
    /// <param name="newFormat">Makes a row format for a cursor.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="passCompleted">Told after each complete pass; may be called from several threads.</param>
    /// <param name="anyKind">Whether files of every kind are read, or JSON lines only.</param>
    public JsonlDataView(IReadOnlyList<JsonlSource> sources, Func<RowFormat> newFormat, JsonlFileOptions options, Action<BadRowReport>? passCompleted = null,
        bool anyKind = false)
    {
        _sources = sources;
        _newFormat = newFormat;
        _options = options;
        _passCompleted = passCompleted;
        _anyKind = anyKind;

        DataViewSchema.Builder schema = new();
        AddTextColumns(schema, options.ConversationColumnNames, JsonlColumn.Conversation);
        if (options.LabelOfAnswers is { } label)
        {
            schema.AddColumn(label, BooleanDataViewType.Instance);
            _columns.Add((JsonlColumn.Label, 0));
        }
        schema.AddColumn(options.LineNumberColumnName, NumberDataViewType.Int64, ReportAnnotation());
        _columns.Add((JsonlColumn.LineNumber, 0));
        AddTextColumns(schema, options.FileColumnName is null ? [] : [options.FileColumnName], JsonlColumn.File);
        AddTextColumns(schema, options.ExtraColumns, JsonlColumn.Extra);
        for (int i = 0; i < options.NumberFields.Count; i++)
        {
            schema.AddColumn(options.NumberFields[i].Column, NumberDataViewType.Single);
            _columns.Add((JsonlColumn.Number, i));
        }
        Schema = schema.ToSchema();
    }

    /// <summary>What the latest complete pass delivered and left out; null before the first.</summary>
    public BadRowReport? Report => _report;

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <inheritdoc/>
    public bool CanShuffle => false;

    /// <summary>Where a column comes from.</summary>
    public (JsonlColumn Kind, int Index) this[int column] => _columns[column];

    /// <inheritdoc/>
    public long? GetRowCount() => null;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
        {
            if (column.Index >= active.Length || Schema[column.Index].Name != column.Name)
                throw new ArgumentOutOfRangeException(nameof(columnsNeeded), $"The view has no column '{column.Name}' at index {column.Index}.");
            active[column.Index] = true;
        }
        return new JsonlCursor(this, new JsonlRowStream(_sources, _newFormat(), _options, Complete, _anyKind), active);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private void Complete(BadRowReport report)
    {
        _report = report;
        _passCompleted?.Invoke(report);
    }

    private void AddTextColumns(DataViewSchema.Builder schema, IReadOnlyList<string> names, JsonlColumn kind)
    {
        for (int i = 0; i < names.Count; i++)
        {
            schema.AddColumn(names[i], TextDataViewType.Instance);
            _columns.Add((kind, i));
        }
    }

    private DataViewSchema.Annotations ReportAnnotation()
    {
        DataViewSchema.Annotations.Builder annotations = new();
        annotations.Add<ReadOnlyMemory<char>>(BadRowReport.AnnotationKind, TextDataViewType.Instance,
            (ref ReadOnlyMemory<char> text) => text = Report?.ToAnnotation().AsMemory() ?? default);
        return annotations.ToAnnotations();
    }
}
