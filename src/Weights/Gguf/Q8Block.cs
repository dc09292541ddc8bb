using System.Buffers.Binary;

namespace MiniMind.MLNet.Dpo.Weights.Gguf;

/// <summary>The Q8_0 format: 32 numbers as whole numbers from -127 to 127 and one half-precision scale before them.</summary>
internal static class Q8Block
{
    /// <summary>Numbers in a block.</summary>
    public const int Length = 32;

    /// <summary>Bytes of a block.</summary>
    public const int Bytes = 2 + Length;

    private const int Largest = 127;

    /// <summary>The largest magnitude whose scale half precision can hold.</summary>
    public const float Limit = 65_519f * Largest;

    /// <summary>Writes numbers as blocks.</summary>
    /// <param name="numbers">A multiple of <see cref="Length"/> of them, all finite.</param>
    /// <param name="blocks"><see cref="Bytes"/> for each block.</param>
    public static void Write(ReadOnlySpan<float> numbers, Span<byte> blocks)
    {
        for (int start = 0, at = 0; start < numbers.Length; start += Length, at += Bytes)
            WriteOne(numbers.Slice(start, Length), blocks.Slice(at, Bytes));
    }

    // The whole numbers come of the scale before it is rounded to half precision, as every reader expects of a writer.
    private static void WriteOne(ReadOnlySpan<float> numbers, Span<byte> block)
    {
        float magnitude = 0;
        foreach (float number in numbers)
            magnitude = Math.Max(magnitude, Math.Abs(number));
        float scale = magnitude / Largest, inverse = scale == 0 ? 0 : 1 / scale;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        for (int i = 0; i < Length; i++)
        {
            float rounded = MathF.Round(numbers[i] * inverse, MidpointRounding.AwayFromZero);
            block[2 + i] = (byte)(sbyte)Math.Clamp(rounded, -Largest, Largest);
        }
    }
}
