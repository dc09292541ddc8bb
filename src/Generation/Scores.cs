using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>What is asked of all scores of a vocabulary for each token.</summary>
internal static class Scores
{
    private const uint Magnitude = 0x7FFF_FFFF;

    /// <summary>The largest absolute value; NaN where one is.</summary>
    public static float LargestMagnitude(ReadOnlySpan<float> scores)
    {
        // without the sign, larger numbers have larger bits, and those of NaN are the largest
        ReadOnlySpan<Vector512<uint>> vectors = MemoryMarshal.Cast<float, Vector512<uint>>(scores);
        Vector512<uint> mask = Vector512.Create(Magnitude), first = default, second = default;
        int i = 0;
        for (; i + 2 <= vectors.Length; i += 2)
        {
            first = Vector512.Max(first, vectors[i] & mask);
            second = Vector512.Max(second, vectors[i + 1] & mask);
        }
        if (i < vectors.Length)
            first = Vector512.Max(first, vectors[i] & mask);
        first = Vector512.Max(first, second);
        uint largest = 0;
        for (int lane = 0; lane < Vector512<uint>.Count; lane++)
            largest = Math.Max(largest, first[lane]);
        foreach (float score in scores[(vectors.Length * Vector512<uint>.Count)..])
            largest = Math.Max(largest, BitConverter.SingleToUInt32Bits(score) & Magnitude);
        return BitConverter.UInt32BitsToSingle(largest);
    }

    /// <summary>The first place of the largest score; none of them is NaN.</summary>
    public static int IndexOfLargest(ReadOnlySpan<float> scores)
    {
        ReadOnlySpan<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(scores);
        float largest = float.NegativeInfinity;
        if (vectors.Length > 0)
        {
            Vector512<float> first = vectors[0], second = first;
            int i = 0;
            for (; i + 2 <= vectors.Length; i += 2)
            {
                first = Vector512.MaxNative(first, vectors[i]);
                second = Vector512.MaxNative(second, vectors[i + 1]);
            }
            if (i < vectors.Length)
                first = Vector512.MaxNative(first, vectors[i]);
            first = Vector512.MaxNative(first, second);
            for (int lane = 0; lane < Vector512<float>.Count; lane++)
                largest = MathF.Max(largest, first[lane]);
        }
        foreach (float score in scores[(vectors.Length * Vector512<float>.Count)..])
            largest = MathF.Max(largest, score);
        return largest == 0 ? TensorPrimitives.IndexOfMax(scores) : scores.IndexOf(largest); // the two zeros are not alike for it
    }
}
