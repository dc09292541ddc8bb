using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>One copy of a view with gaps or swapped dimensions, the dimensions sorted by falling stride in the file.</summary>
internal sealed unsafe class StridedCopy(WeightView view, ScalarType to, long[] sizes, long[] sourceStrides, long[] destinationStrides, int bufferBytes)
{
    private readonly int _fromSize = ElementTypes.Size(view.Type);
    private readonly int _toSize = ElementTypes.Size(to);
    private readonly byte[] _read = new byte[bufferBytes];
    private readonly byte[] _converted = new byte[bufferBytes / ElementTypes.Size(view.Type) * ElementTypes.Size(to)];

    /// <summary>Copies everything.</summary>
    /// <param name="destination">Memory for all the view's elements.</param>
    public void Run(byte* destination) => Copy(0, 0, destination);

    // Splits dimensions until the stretch of file that a block spans fits the buffer; then reads it at once.
    private void Copy(int dimension, long sourceElement, byte* destination)
    {
        long inner = 1;
        for (int i = dimension + 1; i < sizes.Length; i++)
            inner += (sizes[i] - 1) * sourceStrides[i];
        long capacity = _read.Length / _fromSize;
        if (inner > capacity)
        {
            for (long index = 0; index < sizes[dimension]; index++)
                Copy(dimension + 1, sourceElement + (index * sourceStrides[dimension]), destination + (index * destinationStrides[dimension] * _toSize));
            return;
        }
        long step = sourceStrides[dimension] == 0 ? sizes[dimension] : Math.Min(sizes[dimension], 1 + ((capacity - inner) / sourceStrides[dimension]));
        for (long index = 0; index < sizes[dimension]; index += step)
        {
            long count = Math.Min(step, sizes[dimension] - index);
            int span = (int)(((count - 1) * sourceStrides[dimension]) + inner);
            Span<byte> read = _read.AsSpan(0, span * _fromSize);
            view.Source.Read(view.Offset + ((sourceElement + (index * sourceStrides[dimension])) * _fromSize), read);
            ElementConversion.Convert(read, view.Type, _converted.AsSpan(0, span * _toSize), to);
            fixed (byte* source = _converted)
                Scatter(dimension, count, source, destination + (index * destinationStrides[dimension] * _toSize));
        }
    }

    private void Scatter(int dimension, long count, byte* source, byte* destination)
    {
        long sourceStep = sourceStrides[dimension] * _toSize, destinationStep = destinationStrides[dimension] * _toSize;
        for (long index = 0; index < count; index++, source += sourceStep, destination += destinationStep)
        {
            if (dimension + 1 < sizes.Length)
                Scatter(dimension + 1, sizes[dimension + 1], source, destination);
            else
                Buffer.MemoryCopy(source, destination, _toSize, _toSize);
        }
    }
}
