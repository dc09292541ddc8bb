using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Transforms.Mixing;

/// <summary>Walks the rows of a mixture. A row's id is its place, which is the same in every pass.</summary>
internal sealed class MixedCursor(DataViewSchema schema, MixedSet[] sets, MixRule? rule, bool[] active) : DataViewRowCursor
{
    private long _position = -1, _rows;
    private ulong _draws;
    private int _set;
    private bool _ended;

    /// <inheritdoc/>
    public override long Position => _position;

    /// <inheritdoc/>
    public override long Batch => 0;

    /// <inheritdoc/>
    public override DataViewSchema Schema => schema;

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => active[Check(column)];

    /// <inheritdoc/>
    public override bool MoveNext()
    {
        if (!_ended && (rule is null ? NextInOrder() : NextDrawn(rule)))
        {
            _position = _rows++;
            return true;
        }
        (_ended, _position) = (true, -1);
        return false;
    }

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        int index = Check(column);
        if (!active[index])
            throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' is not active in this cursor.");
        if (schema[index].Type.RawType != typeof(TValue))
            throw new InvalidOperationException($"The column '{column.Name}' holds {schema[index].Type.RawType}; a getter of {typeof(TValue)} was asked for.");
        (int Beginning, ValueGetter<TValue>? Get)[] getters = new (int, ValueGetter<TValue>?)[sets.Length];
        return (ref TValue value) =>
        {
            OnRow();
            ref (int Beginning, ValueGetter<TValue>? Get) getter = ref getters[_set];
            if (getter.Beginning != sets[_set].Beginnings)
                getter = (sets[_set].Beginnings, sets[_set].Getter<TValue>(index));
            getter.Get!(ref value);
        };
    }

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
    {
        OnRow();
        id = new DataViewRowId((ulong)_position, 0);
    };

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (MixedSet set in sets)
                set.Dispose();
        }
        (_ended, _position) = (true, -1);
        base.Dispose(disposing);
    }

    private bool NextInOrder()
    {
        for (; _set < sets.Length; _set++)
        {
            if (sets[_set].MoveNext())
                return true;
        }
        return false;
    }

    private bool NextDrawn(MixRule drawing)
    {
        _set = drawing.Draw(_draws++);
        if (sets[_set].MoveNext())
            return true;
        if (drawing.Until == MixUntil.FirstEnds || sets.All(set => set.HasEnded))
            return false;
        sets[_set].BeginAnew();
        return true;
    }

    private void OnRow()
    {
        if (_position < 0)
            throw new InvalidOperationException("The cursor is not on a row: values can be read after MoveNext has returned true.");
    }

    private int Check(DataViewSchema.Column column) => column.Index < active.Length && schema[column.Index].Name == column.Name
        ? column.Index
        : throw new ArgumentOutOfRangeException(nameof(column), $"The view has no column '{column.Name}' at index {column.Index}.");
}
