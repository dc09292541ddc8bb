using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Transforms.Mixing;

/// <summary>One of the data sets of a mixture, as a cursor of the mixture walks it; it may begin anew.</summary>
internal sealed class MixedSet(IDataView data, int index, MixedSchema schema, bool[] active) : IDisposable
{
    private DataViewRowCursor? _cursor;

    /// <summary>How often the set has begun; getters are of one beginning.</summary>
    public int Beginnings { get; private set; }

    /// <summary>Whether the set has given all of its rows once.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Moves to the next row.</summary>
    public bool MoveNext()
    {
        if (_cursor is null)
            Begin();
        if (_cursor!.MoveNext())
            return true;
        HasEnded = true;
        return false;
    }

    /// <summary>Moves to the first row again.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public void BeginAnew()
    {
        _cursor!.Dispose();
        Begin();
        if (!_cursor.MoveNext())
            throw new InvalidDataException($"Data set {index + 1} of the mixture has no row, so that none can be drawn from it.");
    }

    /// <summary>A getter of a column of the mixture, until the set begins anew.</summary>
    public ValueGetter<TValue> Getter<TValue>(int column)
    {
        if (schema.Source(index, column) is { } source)
            return _cursor!.GetGetter<TValue>(source);
        TValue once = (TValue)Convert.ChangeType(
            1, typeof(TValue), System.Globalization.CultureInfo.InvariantCulture); // the weight of a row of a set without weights
        return (ref TValue value) => value = once;
    }

    /// <inheritdoc/>
    public void Dispose() => _cursor?.Dispose();

    private void Begin()
    {
        _cursor = data.GetRowCursor(Enumerable.Range(0, active.Length).Where(column => active[column]).Select(column => schema.Source(index, column))
            .OfType<DataViewSchema.Column>());
        Beginnings++;
    }
}
