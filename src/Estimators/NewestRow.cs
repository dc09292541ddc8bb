using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A mapped row, all of whose values come from one model: the newest when the first of them is asked for.</summary>
/// <remarks>All columns that have a getter are then computed at once, so that no model is held between two rows.</remarks>
internal sealed class NewestRow(ModelSource source, DataViewRow input, DataViewSchema schema, IReadOnlyList<DataViewSchema.Column> active) : DataViewRow
{
    private readonly HashSet<int> _active = [.. active.Select(column => column.Index)];
    private readonly List<NewestCell> _cells = [];
    private ModelGeneration? _generation;
    private DataViewRow? _row;
    private long _filledAt = -1;

    /// <inheritdoc/>
    public override DataViewSchema Schema => schema;

    /// <inheritdoc/>
    public override long Position => input.Position;

    /// <inheritdoc/>
    public override long Batch => input.Batch;

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new InvalidOperationException($"Column '{column.Name}' is not active in this row; name it among the columns needed when the row is made.");
        NewestCell<TValue> cell = new(column);
        if (_row is not null)
            cell.Bind(_row);
        _cells.Add(cell);
        _filledAt = -1;
        return (ref TValue value) =>
        {
            Fill();
            value = cell.Value;
        };
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            input.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        if (_filledAt >= 0 && _filledAt == input.Position)
            return;
        ModelGeneration newest = source.Use();
        try
        {
            if (newest != _generation)
                Bind(newest);
            foreach (NewestCell cell in _cells)
                cell.Read();
            _filledAt = input.Position;
        }
        finally
        {
            newest.Release();
        }
    }

    private void Bind(ModelGeneration newest)
    {
        _filledAt = -1;
        IRowToRowMapper mapper = newest.Model.GetRowToRowMapper(input.Schema);
        _row = mapper.GetRow(input, active.Select(column => NewestMapper.Counterpart(mapper.OutputSchema, column)));
        foreach (NewestCell cell in _cells)
            cell.Bind(_row);
        _generation = newest;
    }
}
