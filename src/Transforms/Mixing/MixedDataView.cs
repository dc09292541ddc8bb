using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Transforms.Mixing;

/// <summary>The rows of several data sets, one set after the other or drawn from them; every cursor draws the same.</summary>
/// <remarks>It cannot shuffle, and gives one cursor where several are asked for: the order is what it is for. Nothing is held but a cursor for each
/// set.</remarks>
/// <param name="sets">The data sets, at least one.</param>
/// <param name="rule">How to draw; <see langword="null"/> for one after the other.</param>
internal sealed class MixedDataView(IReadOnlyList<IDataView> sets, MixRule? rule) : IDataView
{
    private readonly MixedSchema _schema = new(sets);

    /// <inheritdoc/>
    public DataViewSchema Schema => _schema.Schema;

    /// <inheritdoc/>
    public bool CanShuffle => false;

    /// <inheritdoc/>
    public long? GetRowCount() => rule is null ? sets.Select(set => set.GetRowCount()).Aggregate((long?)0, (sum, count) => sum + count) : null;

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
        return new MixedCursor(Schema, [.. sets.Select((set, i) => new MixedSet(set, i, _schema, active))], rule, active);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [
        GetRowCursor(columnsNeeded, rand)];
}
