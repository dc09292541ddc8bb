namespace MiniMind.MLNet.Dpo.Transforms.Splitting;

/// <summary>Notices when the cursors of one pass have come to their end and none of them gave a row. Thread-safe.</summary>
/// <param name="side">The side that they read.</param>
/// <param name="cursors">How many share the pass.</param>
internal sealed class SideTally(SplitSide side, int cursors)
{
    private readonly Lock _lock = new();
    private readonly HashSet<double> _passedBy = [];
    private volatile bool _hasRow;
    private long _rows;
    private int _open = cursors;

    /// <summary>A row was found.</summary>
    public void Taken() => _hasRow = true;

    /// <summary>A row of the other side was passed by.</summary>
    /// <param name="place">Where its prompt falls.</param>
    public void PassedBy(double place)
    {
        if (_hasRow)
            return;
        lock (_lock)
        {
            _rows++;
            _passedBy.Add(place);
        }
    }

    /// <summary>A cursor has come to its end.</summary>
    /// <exception cref="InvalidDataException">It was the last, and the side has no row.</exception>
    public void Ended()
    {
        if (Interlocked.Decrement(ref _open) == 0 && !_hasRow)
            throw side.Empty(_rows, _passedBy.Count);
    }
}
