using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A cursor over what one model makes; the model is used until the cursor is disposed.</summary>
internal sealed class NewestCursor(DataViewRowCursor cursor, DataViewSchema schema, ModelGeneration generation) : DataViewRowCursor
{
    private ModelGeneration? _generation = generation;

    /// <inheritdoc/>
    public override DataViewSchema Schema => schema;

    /// <inheritdoc/>
    public override long Position => cursor.Position;

    /// <inheritdoc/>
    public override long Batch => cursor.Batch;

    /// <inheritdoc/>
    public override bool MoveNext() => cursor.MoveNext();

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => cursor.GetIdGetter();

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => cursor.IsColumnActive(NewestMapper.Counterpart(cursor.Schema, column));

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        cursor.GetGetter<TValue>(NewestMapper.Counterpart(cursor.Schema, column));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            cursor.Dispose();
            Interlocked.Exchange(ref _generation, null)?.Release();
        }
        base.Dispose(disposing);
    }
}
