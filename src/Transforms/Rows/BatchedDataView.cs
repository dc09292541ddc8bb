using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>Data seen through a batch-wise computation: the rows come in order, from one cursor, and are computed ahead of it.</summary>
internal sealed class BatchedDataView(IDataView source, IBatchComputation computation) : IDataView
{
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
        LookAhead lookAhead = new(ahead, batch, computation.BatchSize);
        RowPlace place = new(() => lookAhead.PlaceOf(main.Position));
        Delegate?[] getters = [.. computed.Select((isActive, output) => isActive ? batch.CreateGetter(output, place) : null)];
        return new MappedCursor(main, new MappedRow(main, Schema, active, getters), lookAhead);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
