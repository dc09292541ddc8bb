using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights.Gguf;

/// <summary>One tensor of a GGUF file.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Sources">The parameters that it holds: one, or several behind each other.</param>
/// <param name="Type">Its format.</param>
/// <param name="Heads">The heads whose rows are put into pairs, as <c>llama</c> wants queries and keys; 0 to leave the rows as they are.</param>
/// <param name="Joined">Whether several parameters are one matrix, rows behind rows; otherwise they are the experts' each, along a further dimension.</param>
/// <param name="Added">What is added to each number.</param>
internal sealed record GgufTensor(string Name, IReadOnlyList<Tensor> Sources, GgufTensorType Type, int Heads = 0, bool Joined = false, double Added = 0)
{
    private const int StepElements = 1 << 16; // a multiple of a block

    /// <summary>Its shape, rows last.</summary>
    public long[] Shape => Sources.Count == 1 ? Sources[0].shape : Joined ? [Sources.Sum(source => source.shape[0]), .. Sources[0].shape[1..]]
        : [Sources.Count, .. Sources[0].shape];

    /// <summary>Its length in the file without padding.</summary>
    public long Bytes => Type switch
    {
        GgufTensorType.F32 => Elements * 4,
        GgufTensorType.Q8Block => Elements / Q8Block.Length * Q8Block.Bytes,
        _ => Elements * 2,
    };

    private long Elements => Sources.Sum(source => source.NumberOfElements);

    /// <summary>Writes the numbers; beside a parameter that is copied to the host or re-ordered little memory is taken.</summary>
    public void WriteTo(Stream stream)
    {
        using IDisposable noGradient = no_grad();
        foreach (Tensor source in Sources)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor arranged = Heads == 0 ? source : InPairs(source);
            if (Added != 0)
                arranged = arranged.Add(Added);
            switch (Type)
            {
                case GgufTensorType.F32: arranged.WriteTo(ScalarType.Float32, stream); break;
                case GgufTensorType.F16: arranged.WriteTo(ScalarType.Float16, stream); break;
                case GgufTensorType.BF16: arranged.WriteTo(ScalarType.BFloat16, stream); break;
                default: WriteBlocks(arranged.cpu().contiguous(), stream); break;
            }
        }
    }

    // The halves of a head rotate together here and in the files of transformers; in llama each row rotates with the next.
    private Tensor InPairs(Tensor weight)
    {
        long rows = weight.shape[0], columns = weight.shape[1], half = rows / Heads / 2;
        return weight.view(Heads, 2, half, columns).transpose(1, 2).reshape(rows, columns); // (heads * D, hidden)
    }

    private static unsafe void WriteBlocks(Tensor packed, Stream stream)
    {
        byte* numbers = TensorMemory.Pointer(packed);
        int size = ElementTypes.Size(packed.dtype);
        byte[] singles = new byte[StepElements * sizeof(float)], blocks = new byte[StepElements / Q8Block.Length * Q8Block.Bytes];
        for (long done = 0, total = packed.NumberOfElements; done < total; done += StepElements)
        {
            int count = (int)Math.Min(StepElements, total - done);
            Span<byte> converted = singles.AsSpan(0, count * sizeof(float)), written = blocks.AsSpan(0, count / Q8Block.Length * Q8Block.Bytes);
            ElementConversion.Convert(new ReadOnlySpan<byte>(numbers + (done * size), count * size), packed.dtype, converted, ScalarType.Float32);
            Q8Block.Write(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(converted), written);
            stream.Write(written);
        }
    }
}
