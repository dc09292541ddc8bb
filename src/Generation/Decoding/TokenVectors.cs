using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Generation.Decoding;

/// <summary>A network's own table of token vectors, row by row.</summary>
/// <param name="table">(V, hidden), on the CPU; it must outlive this.</param>
/// <param name="config">The network's shape.</param>
internal sealed unsafe class TokenVectors(StoredMatrix table, ModelConfig config)
{
    private readonly nint _elements = TensorAddress.Of(table.Weight), _factors = table.Scales is { } scales ? TensorAddress.Of(scales) : 0;
    private readonly FrozenFormat _format = table.Format;

    /// <summary>Writes a token's vector, (hidden), times the factor that the model scales vectors by.</summary>
    public void Copy(int id, Span<float> row)
    {
        nint first = (nint)id * row.Length;
        if (_format == FrozenFormat.Float32)
        {
            new ReadOnlySpan<float>((float*)_elements + first, row.Length).CopyTo(row);
        }
        else if (_format == FrozenFormat.BFloat16)
        {
            for (int i = 0; i < row.Length; i++)
                row[i] = BitConverter.Int32BitsToSingle(((ushort*)_elements)[first + i] << 16);
        }
        else
        {
            for (int i = 0; i < row.Length; i++)
                row[i] = ((sbyte*)_elements)[first + i] * ((float*)_factors)[id];
        }
        if (!config.ScaledEmbeddings)
            return;
        float factor = MathF.Sqrt(config.HiddenSize);
        foreach (ref float number in row)
            number *= factor;
    }
}
