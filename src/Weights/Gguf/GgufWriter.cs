using System.Buffers.Binary;
using System.Text;

namespace MiniMind.MLNet.Dpo.Weights.Gguf;

/// <summary>Writes GGUF files, version 3: header, keys, what tensors there are, and the tensors themselves, each at a multiple of 32 bytes.</summary>
internal static class GgufWriter
{
    /// <summary>What the places of tensors are multiples of.</summary>
    public const int Alignment = 32;

    private const uint Version = 3;

    /// <summary>Writes a file front to back.</summary>
    /// <param name="stream">Receives the file; need not seek.</param>
    /// <param name="metadata">The keys.</param>
    /// <param name="tensors">The tensors, in the order of the file.</param>
    public static void Write(Stream stream, GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors)
    {
        using MemoryStream head = new();
        head.Write("GGUF"u8);
        WriteUInt32(head, Version);
        WriteInt64(head, tensors.Count);
        WriteInt64(head, metadata.Count);
        head.Write(metadata.Bytes.Span);
        long offset = 0;
        foreach (GgufTensor tensor in tensors)
        {
            byte[] name = Encoding.UTF8.GetBytes(tensor.Name);
            WriteInt64(head, name.Length);
            head.Write(name);
            long[] shape = tensor.Shape;
            WriteUInt32(head, (uint)shape.Length);
            foreach (long size in shape.Reverse())
                WriteInt64(head, size); // the fastest first
            WriteUInt32(head, (uint)tensor.Type);
            WriteInt64(head, offset);
            offset += Padded(tensor.Bytes);
        }
        stream.Write(head.GetBuffer().AsSpan(0, (int)head.Length));
        Pad(stream, head.Length);
        foreach (GgufTensor tensor in tensors)
        {
            tensor.WriteTo(stream);
            Pad(stream, tensor.Bytes);
        }
    }

    private static long Padded(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private static void Pad(Stream stream, long bytes)
    {
        Span<byte> zeros = stackalloc byte[Alignment];
        zeros.Clear();
        stream.Write(zeros[..(int)(Padded(bytes) - bytes)]);
    }

    private static void WriteUInt32(Stream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void WriteInt64(Stream stream, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        stream.Write(bytes);
    }
}
