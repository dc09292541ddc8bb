using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>A row-wise step of the library between an input held in memory and a reader of its output.</summary>
/// <typeparam name="TRow">The input's row.</typeparam>
internal sealed class TransformPass<TRow> where TRow : class
{
    private readonly DataViewSchema.Column _output;
    private readonly IDataView _transformed;

    public TransformPass(MLContext context, IReadOnlyList<TRow> rows, IEstimator<ITransformer> step, string output)
    {
        IDataView data = context.Data.LoadFromEnumerable(rows);
        _transformed = step.Fit(data).Transform(data);
        _output = _transformed.Schema[output];
    }

    /// <summary>Reads the output column of all rows: elements of vectors.</summary>
    public long ReadVectors<T>()
    {
        long elements = 0;
        using DataViewRowCursor cursor = _transformed.GetRowCursor([_output]);
        ValueGetter<VBuffer<T>> getter = cursor.GetGetter<VBuffer<T>>(_output);
        VBuffer<T> value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            elements += value.Length;
        }
        return elements;
    }

    /// <summary>Reads the output column of all rows: characters of texts.</summary>
    public long ReadTexts()
    {
        long characters = 0;
        using DataViewRowCursor cursor = _transformed.GetRowCursor([_output]);
        ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(_output);
        ReadOnlyMemory<char> value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            characters += value.Length;
        }
        return characters;
    }
}
