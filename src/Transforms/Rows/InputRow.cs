using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>A live row of the data that a step reads, seen through the step's own list of inputs.</summary>
internal sealed class InputRow(DataViewRow row, IReadOnlyList<DataViewSchema.Column?> columns)
{
    /// <summary>Changes whenever the row moves on to other values.</summary>
    public long Position => row.Position;

    /// <summary>A reader of an input's values as a vector's dense items.</summary>
    /// <remarks>The array's content is overwritten when the same reader is called for another row.</remarks>
    public Func<ReadOnlyMemory<T>> Vector<T>(int input)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(columns[input]!.Value);
        VBuffer<T> buffer = default;
        T[] items = [];
        return () =>
        {
            getter(ref buffer);
            if (items.Length < buffer.Length)
                items = new T[buffer.Length];
            buffer.CopyTo(items);
            return items.AsMemory(0, buffer.Length);
        };
    }

    /// <summary>A reader of an input's text.</summary>
    public Func<ReadOnlyMemory<char>> Text(int input) => Scalar<ReadOnlyMemory<char>>(input);

    /// <summary>A reader of an input's single number or other simple value.</summary>
    public Func<T> Scalar<T>(int input)
    {
        ValueGetter<T> getter = row.GetGetter<T>(columns[input]!.Value);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return value;
        };
    }

    /// <summary>A reader of an optional input's value; null where the input is not there.</summary>
    public Func<T>? ScalarIfThere<T>(int input) => columns[input] is null ? null : Scalar<T>(input);

    /// <summary>A value that is computed once for each row however many outputs ask for it.</summary>
    public Func<T> Once<T>(Func<T> compute)
    {
        long computedAt = -1;
        T value = default!;
        return () =>
        {
            if (row.Position != computedAt || computedAt < 0)
            {
                value = compute();
                computedAt = row.Position;
            }
            return value;
        };
    }

    /// <summary>Computes a value from an input; what the computation refuses is told with the row and the input.</summary>
    /// <param name="column">The input's name.</param>
    /// <param name="value">The input's value, shown by its beginning.</param>
    /// <param name="compute">The computation, which reads no column itself.</param>
    /// <exception cref="InvalidOperationException">The computation refused the value.</exception>
    public T Explain<T>(string column, string value, Func<T> compute)
    {
        try
        {
            return compute();
        }
        catch (Exception failure) when (failure is InvalidOperationException or InvalidDataException or ArgumentException)
        {
            throw new InvalidOperationException($"Row {row.Position}, column '{column}' ('{Excerpt.Of(value)}'): {failure.Message}", failure);
        }
    }
}
