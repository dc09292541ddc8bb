using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Walks the good rows of the files; texts are made when they are asked for, once per row.</summary>
internal sealed class JsonlCursor(JsonlDataView view, JsonlRowStream rows, bool[] active) : DataViewRowCursor
{
    private readonly string?[] _texts = new string?[active.Length];
    private long _position = -1;

    /// <inheritdoc/>
    public override long Position => _position;

    /// <inheritdoc/>
    public override long Batch => 0;

    /// <inheritdoc/>
    public override DataViewSchema Schema => view.Schema;

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => active[Check(column)];

    /// <inheritdoc/>
    public override bool MoveNext()
    {
        Array.Clear(_texts);
        long next = _position + 1;
        _position = -1;
        if (!rows.Read())
            return false;
        _position = next;
        return true;
    }

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        int index = Check(column);
        if (!active[index])
            throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' is not active in this cursor.");
        (JsonlColumn kind, int of) = view[index];
        Delegate getter = kind switch
        {
            JsonlColumn.LineNumber => (ValueGetter<long>)((ref long value) => value = OnRow().Location.LineNumber),
            JsonlColumn.Number => (ValueGetter<float>)((ref float value) => value = OnRow().Format.Number(of)),
            JsonlColumn.Label => (ValueGetter<bool>)((ref bool value) => value = OnRow().Format.Label),
            _ => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = (_texts[index] ??= Text(index)).AsMemory()),
        };
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"The column '{column.Name}' holds {column.Type.RawType}; a getter of {typeof(TValue)} was asked for.");
    }

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
    {
        OnRow();
        id = new DataViewRowId((ulong)_position, 0);
    };

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            rows.Dispose();
        _position = -1;
        base.Dispose(disposing);
    }

    private string Text(int index)
    {
        JsonlRowStream row = OnRow();
        (JsonlColumn kind, int of) = view[index];
        return kind switch
        {
            JsonlColumn.Conversation => row.Format.Compose(row.Line, of),
            JsonlColumn.Extra => row.Format.ComposeExtra(row.Line, of),
            _ => row.Location.Path,
        };
    }

    private JsonlRowStream OnRow() => _position >= 0 ? rows
        : throw new InvalidOperationException("The cursor is not on a row: values can be read after MoveNext has returned true.");

    private int Check(DataViewSchema.Column column) => column.Index < active.Length && Schema[column.Index].Name == column.Name
        ? column.Index
        : throw new ArgumentOutOfRangeException(nameof(column), $"The view has no column '{column.Name}' at index {column.Index}.");
}
