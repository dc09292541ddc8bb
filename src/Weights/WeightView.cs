using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Where a tensor's elements lie in a file: any strided view of a storage, checked to be inside it.</summary>
internal sealed class WeightView
{
    private WeightView(ByteSource source, long offset, ScalarType type, long[] shape, long[] strides, long elementCount)
    {
        Source = source;
        Offset = offset;
        Type = type;
        Shape = shape;
        Strides = strides;
        ElementCount = elementCount;
    }

    /// <summary>The file.</summary>
    public ByteSource Source { get; }

    /// <summary>Byte offset of the first element.</summary>
    public long Offset { get; }

    /// <summary>Type of the elements in the file.</summary>
    public ScalarType Type { get; }

    /// <summary>Sizes of the dimensions.</summary>
    public long[] Shape { get; }

    /// <summary>Elements from one index to the next, per dimension; never negative.</summary>
    public long[] Strides { get; }

    /// <summary>The product of <see cref="Shape"/>.</summary>
    public long ElementCount { get; }

    /// <summary>Whether the elements follow one another without gap in row-major order.</summary>
    public bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int dimension = Shape.Length - 1; dimension >= 0; dimension--)
            {
                if (Shape[dimension] != 1 && Strides[dimension] != expected)
                    return ElementCount == 0;
                expected *= Shape[dimension];
            }
            return true;
        }
    }

    /// <summary>Makes a view of part of a storage, or says why it is none.</summary>
    /// <param name="source">The file.</param>
    /// <param name="storageOffset">Byte offset of the storage.</param>
    /// <param name="storageCount">Elements that the storage holds.</param>
    /// <param name="type">Their type.</param>
    /// <param name="firstElement">Element of the storage that the view starts at.</param>
    /// <param name="shape">Sizes of the dimensions.</param>
    /// <param name="strides">Elements from one index to the next; <see langword="null"/> for row-major.</param>
    /// <param name="fault">What is wrong, when the result is <see langword="null"/>.</param>
    public static WeightView? TryCreate(
        ByteSource source, long storageOffset, long storageCount, ScalarType type, long firstElement, long[] shape, long[]? strides, out string fault)
    {
        fault = CheckNumbers(firstElement, shape, strides);
        if (fault.Length > 0)
            return null;

        // In 128 bits, and given up at the first excess: nothing a file says can overflow into something small.
        bool empty = shape.Contains(0);
        Int128 count = empty ? 0 : 1, needed = empty ? firstElement : (Int128)firstElement + 1;
        long[] rowMajor = new long[shape.Length];
        for (int dimension = shape.Length - 1; dimension >= 0 && !empty; dimension--)
        {
            rowMajor[dimension] = (long)count;
            count *= shape[dimension];
            if (count > 1L << 60)
            {
                fault = $"the shape [{string.Join(", ", shape)}] has more than 2^60 elements";
                return null;
            }
        }
        strides ??= rowMajor;
        for (int dimension = 0; dimension < shape.Length && !empty && needed <= storageCount; dimension++)
            needed += (Int128)(shape[dimension] - 1) * strides[dimension];
        if (needed > storageCount)
        {
            fault = $"the shape [{string.Join(", ", shape)}] with strides [{string.Join(", ", strides)}] from element {firstElement} reaches beyond the " +
                $"{storageCount} elements of the storage";
            return null;
        }
        return new WeightView(source, storageOffset + (firstElement * ElementTypes.Size(type)), type, shape, strides, (long)count);
    }

    /// <summary>The part of this view from <paramref name="start"/> on, <paramref name="length"/> long, along one dimension.</summary>
    public WeightView Narrow(int dimension, long start, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, Shape[dimension]);
        long[] shape = [.. Shape];
        shape[dimension] = length;
        long rest = Shape[dimension] == 0 ? 0 : ElementCount / Shape[dimension];
        return new WeightView(Source, Offset + (start * Strides[dimension] * ElementTypes.Size(Type)), Type, shape, Strides, rest * length);
    }

    /// <summary>The part of this view at one index of the first dimension, which goes away.</summary>
    public WeightView Select(long index)
    {
        WeightView one = Narrow(0, index, 1);
        return new WeightView(Source, one.Offset, Type, Shape[1..], Strides[1..], one.ElementCount);
    }

    private static string CheckNumbers(long firstElement, long[] shape, long[]? strides)
    {
        if (firstElement < 0)
            return $"the storage offset {firstElement} is negative";
        if (strides is not null && strides.Length != shape.Length)
            return $"there are {shape.Length} sizes but {strides.Length} strides";
        foreach (long size in shape)
        {
            if (size < 0)
                return $"the size {size} is negative";
        }
        foreach (long stride in strides ?? [])
        {
            if (stride < 0)
                return $"the stride {stride} is negative";
        }
        return "";
    }

    /// <summary>Type and shape as messages show them: <c>Float16 [512, 64]</c>.</summary>
    public override string ToString() => $"{Type} [{string.Join(", ", Shape)}]";
}
