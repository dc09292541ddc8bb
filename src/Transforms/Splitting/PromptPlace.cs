using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MiniMind.MLNet.Dpo.Transforms.Splitting;

/// <summary>Where a prompt falls between 0 and 1: the same on every machine and in every version, evenly spread, and another with another seed.</summary>
internal static class PromptPlace
{
    /// <summary>The place, from 0 (included) to 1 (excluded).</summary>
    /// <param name="prompt">The prompt's text.</param>
    /// <param name="seed">Deals the prompts anew.</param>
    public static double Of(string prompt, int seed)
    {
        byte[] bytes = new byte[sizeof(int) + Encoding.UTF8.GetByteCount(prompt)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, seed);
        Encoding.UTF8.GetBytes(prompt, bytes.AsSpan(sizeof(int)));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return (BinaryPrimitives.ReadUInt64LittleEndian(hash) >> 11) * Math.ScaleB(1, -53);
    }
}
