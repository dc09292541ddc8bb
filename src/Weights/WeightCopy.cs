using System.Buffers;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Copies views of a file into tensors, converting to the tensor's type, through buffers of bounded size.</summary>
internal static class WeightCopy
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Reads a view into a tensor.</summary>
    /// <param name="view">What to read.</param>
    /// <param name="destination">A tensor of the same shape, of the same type or floating-point as the view is; any device.</param>
    /// <returns>How large the tensor's numbers are, as they are after the conversion.</returns>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    /// <exception cref="WeightFileException">The file ended early.</exception>
    public static unsafe WeightMagnitude CopyTo(this WeightView view, Tensor destination)
    {
        if (!destination.shape.AsSpan().SequenceEqual(view.Shape))
            throw new ArgumentException($"The file has {view}, the tensor is [{string.Join(", ", destination.shape)}].", nameof(destination));
        if (!ElementTypes.CanConvert(view.Type, destination.dtype))
            throw new ArgumentException($"The file has {view}, which cannot be read as {destination.dtype}.", nameof(destination));
        if (view.ElementCount == 0)
            return default;

        using IDisposable noGradient = no_grad();
        if (destination.device_type != TorchSharp.DeviceType.CPU || !destination.is_contiguous())
        {
            using Tensor staging = empty(view.Shape, destination.dtype, CPU);
            WeightMagnitude staged = CopyTo(view, staging);
            destination.copy_(staging).Dispose();
            return staged;
        }
        byte* pointer = TensorMemory.Pointer(destination);
        WeightMagnitude magnitude = default;
        if (view.IsContiguous)
        {
            magnitude = CopyContiguous(view, pointer, destination.dtype);
        }
        else
        {
            CopyStrided(view, pointer, destination.dtype);
            if (ElementTypes.IsFloatingPoint(destination.dtype))
                magnitude = Magnitude(pointer, view.ElementCount, destination.dtype);
        }
        GC.KeepAlive(destination); // until here: the pointer does not hold its memory
        return magnitude;
    }

    private static unsafe WeightMagnitude Magnitude(byte* elements, long count, ScalarType type)
    {
        WeightMagnitude magnitude = default;
        int size = ElementTypes.Size(type), step = BufferBytes / size;
        for (long done = 0; done < count; done += step)
            magnitude.Add(new ReadOnlySpan<byte>(elements + (done * size), (int)Math.Min(step, count - done) * size), type);
        return magnitude;
    }

    /// <summary>How large the elements of a contiguous CPU tensor are.</summary>
    public static unsafe WeightMagnitude Magnitude(this Tensor tensor)
    {
        if (tensor.NumberOfElements == 0)
            return default;
        WeightMagnitude magnitude = Magnitude(TensorMemory.Pointer(tensor), tensor.NumberOfElements, tensor.dtype);
        GC.KeepAlive(tensor); // until here: the pointer does not hold its memory
        return magnitude;
    }

    /// <summary>Whether reading a view would give exactly the bytes that a tensor of the same shape holds.</summary>
    public static bool Matches(this WeightView view, Tensor tensor)
    {
        if (view.Shape.Length == 0 || view.ElementCount == 0)
            return MatchesPart(view, tensor);
        long rowBytes = view.ElementCount / view.Shape[0] * ElementTypes.Size(tensor.dtype);
        long rowsPerPart = Math.Max(1, 4 * BufferBytes / rowBytes);
        for (long row = 0; row < view.Shape[0]; row += rowsPerPart)
        {
            long rows = Math.Min(rowsPerPart, view.Shape[0] - row);
            using Tensor part = tensor.narrow(0, row, rows);
            if (!MatchesPart(view.Narrow(0, row, rows), part))
                return false;
        }
        return true;
    }

    private static bool MatchesPart(WeightView view, Tensor tensor)
    {
        using IDisposable noGradient = no_grad();
        using Tensor read = empty(view.Shape, tensor.dtype, CPU);
        using Tensor here = tensor.cpu();
        using Tensor packed = here.contiguous();
        CopyTo(view, read);
        return read.bytes.SequenceEqual(packed.bytes);
    }

    private static unsafe WeightMagnitude CopyContiguous(WeightView view, byte* destination, ScalarType to)
    {
        WeightMagnitude magnitude = default;
        int fromSize = ElementTypes.Size(view.Type), toSize = ElementTypes.Size(to);
        bool direct = view.Type == to;
        long step = BufferBytes / fromSize; // direct reads too: a checksum on the way then finds the bytes in the cache
        byte[] buffer = direct ? [] : ArrayPool<byte>.Shared.Rent(BufferBytes);
        for (long done = 0; done < view.ElementCount; done += step)
        {
            int count = (int)Math.Min(step, view.ElementCount - done);
            Span<byte> target = new(destination + (done * toSize), count * toSize);
            Span<byte> read = direct ? target : buffer.AsSpan(0, count * fromSize);
            view.Source.Read(view.Offset + (done * fromSize), read);
            if (!direct)
                ElementConversion.Convert(read, view.Type, target, to);
            if (ElementTypes.IsFloatingPoint(to))
                magnitude.Add(target, to); // while the block is in the cache
        }
        if (!direct)
            ArrayPool<byte>.Shared.Return(buffer);
        return magnitude;
    }

    // Walks the dimensions by falling stride, so that the file is read forward once, and scatters into the row-major destination.
    private static unsafe void CopyStrided(WeightView view, byte* destination, ScalarType to)
    {
        long[] rowMajor = new long[view.Shape.Length];
        long product = 1;
        for (int dimension = rowMajor.Length - 1; dimension >= 0; dimension--)
        {
            rowMajor[dimension] = product;
            product *= view.Shape[dimension];
        }
        int[] order = [.. Enumerable.Range(0, view.Shape.Length).OrderByDescending(dimension => view.Strides[dimension])];
        StridedCopy copy = new(
            view, to, [.. order.Select(i => view.Shape[i])], [.. order.Select(i => view.Strides[i])], [.. order.Select(i => rowMajor[i])], BufferBytes);
        copy.Run(destination);
    }
}
