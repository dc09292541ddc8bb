using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Transforms.Splitting;

/// <summary>The rows of a cursor whose prompts are on one side.</summary>
/// <param name="input">All rows; disposed with this cursor.</param>
/// <param name="place">Reads where the prompt of the input's row falls.</param>
/// <param name="side">The side to take.</param>
/// <param name="active">Which columns were asked for.</param>
/// <param name="tally">Counts what all cursors of the pass find.</param>
internal sealed class SplitCursor(DataViewRowCursor input, Func<double> place, SplitSide side, bool[] active, SideTally tally) : DataViewRowCursor
{
    private long _position = -1, _rows;
    private bool _ended;

    /// <inheritdoc/>
    public override DataViewSchema Schema => input.Schema;

    /// <inheritdoc/>
    public override long Position => _position;

    /// <inheritdoc/>
    public override long Batch => input.Batch;

    /// <inheritdoc/>
    public override bool MoveNext()
    {
        if (_ended)
            return false;
        while (input.MoveNext())
        {
            double at = place();
            if (!side.Takes(at))
            {
                tally.PassedBy(at);
                continue;
            }
            tally.Taken();
            _position = _rows++;
            return true;
        }
        (_ended, _position) = (true, -1);
        tally.Ended();
        return false;
    }

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => active[column.Index]
        ? input.GetGetter<TValue>(column)
        : throw new ArgumentOutOfRangeException(nameof(column), column.Name, "The cursor was not asked for this column.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            input.Dispose();
        base.Dispose(disposing);
    }
}
