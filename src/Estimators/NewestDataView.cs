using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Data as a model transforms it: each cursor uses the model that is the newest when it is made, to its end.</summary>
internal sealed class NewestDataView(ModelSource source, IDataView input) : IDataView
{
    /// <inheritdoc/>
    public bool CanShuffle => input.CanShuffle;

    /// <inheritdoc/>
    public DataViewSchema Schema { get; } = source.OutputSchema(input.Schema);

    /// <inheritdoc/>
    public long? GetRowCount() => null;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        ModelGeneration current = source.Use();
        try
        {
            IDataView transformed = current.Model.Transform(input);
            return new NewestCursor(
                transformed.GetRowCursor([.. columnsNeeded.Select(column => NewestMapper.Counterpart(transformed.Schema, column))], rand), Schema, current);
        }
        catch
        {
            current.Release();
            throw;
        }
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
