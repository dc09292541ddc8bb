using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>
/// Runs ahead of a cursor on a second one over the same data, so that rows are computed a group at a time, only once one is read, and not where the view has
/// computed them before.
/// </summary>
/// <param name="ahead">The second cursor.</param>
/// <param name="batch">Computes and shows a group.</param>
/// <param name="batchSize">Rows of a group; the last may have fewer.</param>
/// <param name="computed">Gives the group with a number, or has it computed by a function.</param>
internal sealed class LookAhead(DataViewRowCursor ahead, IRowBatch batch, int batchSize, Func<long, Func<ComputedGroup>, ComputedGroup> computed) : IDisposable
{
    private long _rowsPassed;
    private long _group = -1;
    private int _count;

    /// <summary>The place in the batch of the row with this number, computed.</summary>
    public int PlaceOf(long row)
    {
        if (row < 0)
            throw Unreadable(row);
        (long group, long place) = Math.DivRem(row, batchSize);
        if (group != _group)
        {
            _group = -1; // until it is there
            ComputedGroup results = computed(group, () => Compute(group));
            batch.Results = results.Results;
            (_group, _count) = (group, results.Count);
        }
        return place < _count ? (int)place : throw Missing(row);
    }

    /// <inheritdoc/>
    public void Dispose() => ahead.Dispose();

    private ComputedGroup Compute(long group)
    {
        long first = group * batchSize;
        if (first < _rowsPassed)
            throw Unreadable(first);
        batch.Clear();
        int count = 0;
        while (count < batchSize && ahead.MoveNext())
        {
            if (_rowsPassed++ < first)
                continue;
            batch.Add();
            count++;
        }
        if (count == 0)
            throw Missing(first);
        batch.Compute();
        return new ComputedGroup(batch.Results, count);
    }

    private static InvalidOperationException Unreadable(long row) =>
        new($"Row {row} cannot be read: the cursor is not on a row, or reading ahead of it has failed before.");

    private InvalidOperationException Missing(long row) => new(
        $"Row {row} is missing on the second reading of the data, which ended after {_rowsPassed} rows; rows must be the same each time they are read.");
}
