using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>Passes data on and notes what is asked of it.</summary>
internal sealed class WatchedDataView(IDataView source) : IDataView
{
    private int _openCursors;

    /// <summary>The columns that any cursor was opened for.</summary>
    public SortedSet<string> ActivatedColumns { get; } = [];

    /// <summary>How often a value of each column was fetched.</summary>
    public ConcurrentDictionary<string, int> ValuesRead { get; } = new();

    /// <summary>The cursors that are not disposed.</summary>
    public int OpenCursors => _openCursors;

    public DataViewSchema Schema => source.Schema;

    public bool CanShuffle => source.CanShuffle;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        Watch(source.GetRowCursor(Note(columnsNeeded), rand));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [.. source.GetRowCursorSet(Note(columnsNeeded), n, rand).Select(Watch)];

    private List<DataViewSchema.Column> Note(IEnumerable<DataViewSchema.Column> columns)
    {
        List<DataViewSchema.Column> noted = [.. columns];
        foreach (DataViewSchema.Column column in noted)
            ActivatedColumns.Add(column.Name);
        return noted;
    }

    private Cursor Watch(DataViewRowCursor cursor)
    {
        Interlocked.Increment(ref _openCursors);
        return new Cursor(this, cursor);
    }

    private sealed class Cursor(WatchedDataView owner, DataViewRowCursor cursor) : DataViewRowCursor
    {
        private bool _disposed;

        public override DataViewSchema Schema => cursor.Schema;

        public override long Position => cursor.Position;

        public override long Batch => cursor.Batch;

        public override bool MoveNext() => cursor.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => cursor.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => cursor.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            ValueGetter<TValue> getter = cursor.GetGetter<TValue>(column);
            return (ref TValue value) =>
            {
                owner.ValuesRead.AddOrUpdate(column.Name, 1, (_, count) => count + 1);
                getter(ref value);
            };
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                _disposed = true;
                cursor.Dispose();
                Interlocked.Decrement(ref owner._openCursors);
            }
            base.Dispose(disposing);
        }
    }
}
