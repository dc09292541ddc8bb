using System.Buffers.Binary;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>Builds safetensors files from any header text, right or wrong.</summary>
internal static class SafetensorsFile
{
    public static byte[] Create(string header, int dataBytes) => Create(Encoding.UTF8.GetBytes(header), dataBytes);

    public static byte[] Create(byte[] header, int dataBytes) => [.. Length((ulong)header.Length), .. header, .. new byte[dataBytes]];

    public static byte[] Length(ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}
