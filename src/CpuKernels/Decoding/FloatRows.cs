namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Rows of fp32 numbers in native memory, each as long as whole panels of a packed matrix, with zeros behind its own numbers.</summary>
public sealed unsafe class FloatRows : IDisposable
{
    private readonly NativeBuffer _buffer;

    /// <summary>Makes rows of zeros.</summary>
    /// <param name="count">How many.</param>
    /// <param name="width">Numbers of each.</param>
    public FloatRows(int count, int width)
    {
        (Count, Width, Stride) = (count, width, PackedMatrix.Padded(width));
        _buffer = new NativeBuffer((nuint)count * (nuint)Stride * sizeof(float));
    }

    /// <summary>How many rows there are.</summary>
    public int Count { get; }

    /// <summary>Numbers of a row.</summary>
    internal int Width { get; }

    /// <summary>From one row's first number to the next one's.</summary>
    internal int Stride { get; }

    /// <summary>The first row.</summary>
    internal float* Pointer => (float*)_buffer.Memory;

    /// <summary>One row's numbers.</summary>
    public Span<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count);
        return new Span<float>(At(row), Width);
    }

    /// <inheritdoc />
    public void Dispose() => _buffer.Dispose();

    /// <summary>A row's first number.</summary>
    internal float* At(int row) => Pointer + (nint)row * Stride;
}
