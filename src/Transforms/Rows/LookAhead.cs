using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>Runs ahead of a cursor on a second one over the same data, so that rows are computed a batch at a time, and only once one is read.</summary>
internal sealed class LookAhead(DataViewRowCursor ahead, IRowBatch batch, int batchSize) : IDisposable
{
    private long _rowsPassed;
    private long _start;
    private int _count;
    private bool _computed;

    /// <summary>The place in the batch of the row with this number, computed.</summary>
    public int PlaceOf(long row)
    {
        if (row < _start || row >= _start + _count)
            Collect(row);
        if (!_computed)
        {
            batch.Compute();
            _computed = true;
        }
        return (int)(row - _start);
    }

    /// <inheritdoc/>
    public void Dispose() => ahead.Dispose();

    private void Collect(long row)
    {
        if (row < _rowsPassed)
            throw new InvalidOperationException($"Row {row} cannot be read: the cursor is not on a row, or reading ahead of it has failed before.");
        batch.Clear();
        (_start, _count, _computed) = (row, 0, false);
        while (_count < batchSize && ahead.MoveNext())
        {
            if (_rowsPassed++ < row)
                continue;
            batch.Add();
            _count++;
        }
        if (_count == 0)
        {
            throw new InvalidOperationException(
                $"Row {row} is missing on the second reading of the data, which ended after {_rowsPassed} rows; rows must be the same each time they " +
                "are read.");
        }
    }
}
