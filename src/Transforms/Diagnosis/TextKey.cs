using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>The first half of a SHA-256: what is held of a text to know it again. Two texts of a billion share one with probability 1e-21.</summary>
internal static class TextKey
{
    /// <summary>Of bytes.</summary>
    public static UInt128 Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    /// <summary>Of a text.</summary>
    public static UInt128 Of(string text) => Of(Encoding.UTF8.GetBytes(text));
}
