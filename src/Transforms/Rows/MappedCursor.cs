using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>A cursor over mapped rows: moves the input's cursor and shows the row that is mapped over it.</summary>
internal sealed class MappedCursor(DataViewRowCursor input, MappedRow row, IDisposable? owned = null) : DataViewRowCursor
{
    /// <inheritdoc/>
    public override DataViewSchema Schema => row.Schema;

    /// <inheritdoc/>
    public override long Position => row.Position;

    /// <inheritdoc/>
    public override long Batch => row.Batch;

    /// <inheritdoc/>
    public override bool MoveNext() => input.MoveNext();

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => row.GetIdGetter();

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => row.IsColumnActive(column);

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => row.GetGetter<TValue>(column);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            row.Dispose();
            owned?.Dispose();
        }
        base.Dispose(disposing);
    }
}
