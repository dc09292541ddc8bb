using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>An input row with the computed columns behind its own; nothing is computed before a getter is called.</summary>
internal sealed class MappedRow(DataViewRow input, DataViewSchema schema, bool[] active, Delegate?[] getters) : DataViewRow
{
    /// <inheritdoc/>
    public override DataViewSchema Schema => schema;

    /// <inheritdoc/>
    public override long Position => input.Position;

    /// <inheritdoc/>
    public override long Batch => input.Batch;

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => column.Index < active.Length && active[column.Index];

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new InvalidOperationException($"Column '{column.Name}' is not active in this row; name it among the columns needed when the cursor is made.");
        int firstComputed = schema.Count - getters.Length;
        if (column.Index < firstComputed)
            return input.GetGetter<TValue>(input.Schema[column.Index]);
        Delegate getter = getters[column.Index - firstComputed]!;
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
                $"Column '{column.Name}' holds {getter.GetType().GenericTypeArguments[0]}, but {typeof(TValue)} was asked for.");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            input.Dispose();
        base.Dispose(disposing);
    }
}
