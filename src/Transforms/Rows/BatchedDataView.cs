using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>
/// Data seen through a batch-wise computation: the rows come in order, from one cursor, and are computed ahead of it, once however often they are read.
/// </summary>
/// <param name="source">The rows; the same each time that they are read.</param>
/// <param name="computation">What is computed of them.</param>
/// <param name="mostRows">How many rows' results are kept for other cursors.</param>
internal sealed class BatchedDataView(IDataView source, IBatchComputation computation, long mostRows = ComputedRows.Most) : IDataView
{
    private readonly ComputedRows _computed = new(mostRows);
    private readonly RowMapper _mapper = new(new BatchOfOne(computation), source.Schema);

    /// <inheritdoc/>
    public DataViewSchema Schema => _mapper.OutputSchema;

    /// <inheritdoc/>
    /// <remarks>The two cursors over the source must see the same order.</remarks>
    public bool CanShuffle => false;

    /// <inheritdoc/>
    public long? GetRowCount() => source.GetRowCount();

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = _mapper.Active(columnsNeeded);
        int inputs = source.Schema.Count;
        bool[] passed = [.. active[..inputs], .. new bool[active.Length - inputs]];
        DataViewRowCursor main = source.GetRowCursor(_mapper.Dependencies(passed));
        bool[] computed = active[inputs..];
        if (!computed.Contains(true))
            return new MappedCursor(main, new MappedRow(main, Schema, active, new Delegate?[computed.Length]));

        DataViewRowCursor ahead = source.GetRowCursor(_mapper.Dependencies([.. new bool[inputs], .. computed]));
        IRowBatch batch = computation.CreateBatch(_mapper.Bind(ahead), computed);
        IReadOnlyList<bool> known = computation.Known(computed);
        LookAhead lookAhead = new(ahead, batch, computation.BatchSize, (group, compute) => _computed.Of(group, computed, known, compute));
        RowPlace place = new(() => lookAhead.PlaceOf(main.Position));
        Delegate?[] getters = [.. computed.Select((isActive, output) => isActive ? batch.CreateGetter(output, place) : null)];
        return new MappedCursor(main, new MappedRow(main, Schema, active, getters), lookAhead);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
