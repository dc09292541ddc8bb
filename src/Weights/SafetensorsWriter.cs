using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Writes safetensors files.</summary>
internal static class SafetensorsWriter
{
    /// <summary>Writes one file to a stream, front to back.</summary>
    /// <param name="stream">Receives the file; need not seek.</param>
    /// <param name="tensors">Names and tensors; floating-point ones are converted.</param>
    /// <param name="precision">The type to write.</param>
    public static void Write(Stream stream, IReadOnlyCollection<KeyValuePair<string, Tensor>> tensors, WeightPrecision precision) =>
        WriteStored(stream, [.. tensors.Select(StoredTensor.Of)], precision);

    /// <summary>Writes one file to a stream, front to back.</summary>
    /// <param name="stream">Receives the file; need not seek.</param>
    /// <param name="tensors">What it holds; floating-point tensors are converted, part by part.</param>
    /// <param name="precision">The type to write.</param>
    public static void WriteStored(Stream stream, IReadOnlyCollection<StoredTensor> tensors, WeightPrecision precision)
    {
        ScalarType type = precision.ToScalarType();
        byte[] header = Header(tensors, type);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (Tensor part in tensors.SelectMany(tensor => tensor.Parts))
            part.WriteTo(type, stream);
    }

    /// <summary>The length of the file that <see cref="Write"/> writes.</summary>
    public static long Length(IReadOnlyCollection<KeyValuePair<string, Tensor>> tensors, WeightPrecision precision) =>
        8 + Header([.. tensors.Select(StoredTensor.Of)], precision.ToScalarType()).Length
            + tensors.Sum(pair => pair.Value.NumberOfElements * ElementTypes.Size(precision.ToScalarType()));

    // Padded with spaces to a multiple of 8, so that the tensors begin aligned.
    private static byte[] Header(IReadOnlyCollection<StoredTensor> tensors, ScalarType type)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt");
            json.WriteEndObject();
            long offset = 0;
            foreach (StoredTensor tensor in tensors)
            {
                long end = offset + (tensor.Elements * ElementTypes.Size(type));
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", SafetensorsTypes.NameOf(type));
                WriteNumbers(json, "shape", tensor.Shape);
                WriteNumbers(json, "data_offsets", offset, end);
                json.WriteEndObject();
                offset = end;
            }
            json.WriteEndObject();
        }
        while (bytes.Length % 8 != 0)
            bytes.WriteByte((byte)' ');
        return bytes.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, params ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
