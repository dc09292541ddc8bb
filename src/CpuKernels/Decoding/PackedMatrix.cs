using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>A linear layer's matrix in the order in which products with few rows read it: panels of 64 outputs, input by input.</summary>
/// <remarks>
/// Sixteen outputs are one vector, so that no sum goes across a vector, and a panel is one stream of memory. What the last panel has too much is zero.
/// Memory: outputs, rounded up to 64, times inputs, times the bytes of an element.
/// </remarks>
public sealed unsafe class PackedMatrix : IDisposable
{
    /// <summary>Outputs of a panel.</summary>
    internal const int PanelWidth = 64;

    private const float LargestLevel = 127;
    private readonly NativeBuffer _buffer;

    /// <summary>Makes room for a matrix; it is zero until it is filled.</summary>
    /// <param name="outputs">Its rows.</param>
    /// <param name="inputs">Its columns.</param>
    /// <param name="format">How elements are kept.</param>
    public PackedMatrix(int outputs, int inputs, PackedFormat format)
    {
        (Outputs, Inputs, Format) = (outputs, inputs, format);
        _buffer = new NativeBuffer((nuint)Padded(outputs) * (nuint)inputs * (nuint)ElementSize);
        if (format == PackedFormat.Int8)
            Factors = new FloatRows(1, outputs);
    }

    /// <summary>Numbers of a product's row.</summary>
    internal int Outputs { get; }

    /// <summary>Numbers of a row that is multiplied.</summary>
    internal int Inputs { get; }

    /// <summary>How elements are kept.</summary>
    internal PackedFormat Format { get; }

    /// <summary>How many panels it has.</summary>
    internal int Panels => Padded(Outputs) / PanelWidth;

    /// <summary>The first panel.</summary>
    internal byte* Elements => (byte*)_buffer.Memory;

    /// <summary>What each output's sum is multiplied by; <see langword="null"/> unless elements are int8.</summary>
    internal FloatRows? Factors { get; }

    /// <summary>What is added to each output; <see langword="null"/> for nothing.</summary>
    internal FloatRows? Bias { get; private set; }

    private int ElementSize => Format switch
    {
        PackedFormat.Float32 => PackedFp32.Size,
        PackedFormat.BFloat16 => PackedBf16.Size,
        _ => PackedInt8.Size,
    };

    /// <summary>Takes over some of the matrix's rows, rounded where the format asks for it.</summary>
    /// <param name="first">The first row's index.</param>
    /// <param name="rows">(count, inputs), fp32, contiguous.</param>
    public void Fill(int first, Tensor rows)
    {
        int count = (int)rows.shape[0];
        Check(first, rows);
        float* from = KernelMemory.Fp32(rows);
        HostThreads.Run(count, row =>
        {
            float* source = from + (nint)row * Inputs;
            if (Format == PackedFormat.Float32)
            {
                Scatter(first + row, source, (float*)Elements, static value => value);
                return;
            }
            if (Format == PackedFormat.BFloat16)
            {
                Scatter(first + row, source, (ushort*)Elements, Bf16Element.Round);
                return;
            }
            float largest = 0;
            for (nint i = 0; i < Inputs; i++)
                largest = MathF.Max(largest, MathF.Abs(source[i]));
            float factor = largest == 0 ? 1 : largest / LargestLevel;
            Factors!.Row(0)[first + row] = factor;
            Scatter(first + row, source, (sbyte*)Elements, value => (sbyte)MathF.Round(value / factor));
        });
    }

    /// <summary>Takes over some rows of a matrix that is kept as whole numbers with factors, exactly.</summary>
    /// <param name="first">The first row's index.</param>
    /// <param name="levels">(count, inputs), int8, contiguous.</param>
    /// <param name="factors">(count, 1), fp32, contiguous.</param>
    public void Fill(int first, Tensor levels, Tensor factors)
    {
        Check(first, levels);
        if (Format != PackedFormat.Int8 || levels.dtype != ScalarType.Int8)
            throw new ArgumentException($"Elements of {levels.dtype} cannot be taken over exactly as {Format}.", nameof(levels));
        sbyte* from = (sbyte*)KernelMemory.Bytes(levels);
        float* factor = KernelMemory.Fp32(factors);
        HostThreads.Run((int)levels.shape[0], row =>
        {
            Factors!.Row(0)[first + row] = factor[row];
            Scatter(first + row, from + (nint)row * Inputs, (sbyte*)Elements, static level => level);
        });
    }

    /// <summary>Takes over what is added to each output.</summary>
    /// <param name="bias">(outputs), fp32, contiguous.</param>
    public void AddBias(Tensor bias)
    {
        if (bias.numel() != Outputs)
            throw new ArgumentException($"The bias has {bias.numel()} numbers for {Outputs} outputs.", nameof(bias));
        Bias ??= new FloatRows(1, Outputs);
        new ReadOnlySpan<float>(KernelMemory.Fp32(bias), Outputs).CopyTo(Bias.Row(0));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _buffer.Dispose();
        Factors?.Dispose();
        Bias?.Dispose();
    }

    /// <summary>A width rounded up to whole panels.</summary>
    internal static int Padded(int width) => (width + PanelWidth - 1) / PanelWidth * PanelWidth;

    /// <summary>A panel's first element.</summary>
    internal byte* Panel(int panel) => Elements + (nint)panel * PanelWidth * Inputs * ElementSize;

    private void Check(int first, Tensor rows)
    {
        if (rows.dim() != 2 || rows.shape[1] != Inputs || first < 0 || first + rows.shape[0] > Outputs)
        {
            throw new ArgumentException(
                $"Rows ({string.Join(", ", rows.shape)}) from {first} on do not lie in a matrix of {Outputs} rows and {Inputs} columns.", nameof(rows));
        }
    }

    private void Scatter<TFrom, TTo>(int output, TFrom* from, TTo* to, Func<TFrom, TTo> convert) where TFrom : unmanaged where TTo : unmanaged
    {
        TTo* target = to + (nint)(output / PanelWidth) * PanelWidth * Inputs + output % PanelWidth;
        for (nint i = 0; i < Inputs; i++)
            target[i * PanelWidth] = convert(from[i]);
    }
}
