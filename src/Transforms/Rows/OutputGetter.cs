using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>Getters in ML.NET's form over values that are computed for the current row.</summary>
internal static class OutputGetter
{
    /// <summary>A getter that copies the items into the caller's buffer.</summary>
    public static ValueGetter<VBuffer<T>> Vector<T>(Func<ReadOnlyMemory<T>> items) => (ref VBuffer<T> value) =>
    {
        ReadOnlySpan<T> source = items().Span;
        VBufferEditor<T> editor = VBufferEditor.Create(ref value, source.Length);
        source.CopyTo(editor.Values);
        value = editor.Commit();
    };

    /// <summary>A getter of a simple value.</summary>
    public static ValueGetter<T> Scalar<T>(Func<T> compute) => (ref T value) => value = compute();

    /// <summary>A getter of text.</summary>
    public static ValueGetter<ReadOnlyMemory<char>> Text(Func<string> text) => (ref ReadOnlyMemory<char> value) => value = text().AsMemory();
}
