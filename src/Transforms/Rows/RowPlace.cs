using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>Where in a batch the row stands that a cursor shows now.</summary>
/// <param name="find">Makes sure that the row is computed and gives its place.</param>
internal sealed class RowPlace(Func<int> find)
{
    /// <summary>A getter of the value at the current place; the batch has its results by the time that it is asked.</summary>
    public ValueGetter<T> Getter<T>(Func<int, T> valueAt) => (ref T value) =>
    {
        int place = find();
        value = valueAt(place);
    };

    /// <summary>The same of a vector, whose items are copied: the caller may write into what it gets.</summary>
    public ValueGetter<VBuffer<T>> Vector<T>(Func<int, ReadOnlyMemory<T>> itemsAt) => OutputGetter.Vector(() => itemsAt(find()));
}
