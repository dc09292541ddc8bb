using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>How large numbers are that were read, and how many of them are no numbers.</summary>
/// <remarks>One comparison per element over blocks that are in the cache already: what is not finite is counted only where there is any.</remarks>
internal struct WeightMagnitude
{
    private const uint SignMask = 0x7FFFFFFF, InfinityBits = 0x7F800000;
    private const int BlockLength = 2048;

    // Without their signs, the bits of single-precision numbers are in the order of their magnitudes, and NaN comes behind infinity.
    private uint _largestBits;

    /// <summary>The largest magnitude; infinite or NaN where there are such numbers.</summary>
    public readonly float Largest => BitConverter.UInt32BitsToSingle(_largestBits);

    /// <summary>How many are NaN.</summary>
    public long NotNumbers { get; private set; }

    /// <summary>How many are infinite.</summary>
    public long Infinities { get; private set; }

    /// <summary>Whether all are finite.</summary>
    public readonly bool IsFinite => _largestBits < InfinityBits;

    /// <summary>Takes numbers into account.</summary>
    /// <param name="bytes">Little-endian elements.</param>
    /// <param name="type">Their type, a floating-point one.</param>
    public void Add(ReadOnlySpan<byte> bytes, ScalarType type)
    {
        if (type == ScalarType.Float32)
        {
            Add(MemoryMarshal.Cast<byte, uint>(bytes));
            return;
        }
        int size = ElementTypes.Size(type);
        Span<float> block = stackalloc float[BlockLength];
        for (int start = 0, count = bytes.Length / size; start < count; start += BlockLength)
        {
            Span<float> singles = block[..Math.Min(BlockLength, count - start)];
            ElementConversion.Convert(bytes.Slice(start * size, singles.Length * size), type, MemoryMarshal.AsBytes(singles), ScalarType.Float32);
            Add(MemoryMarshal.Cast<float, uint>(singles));
        }
    }

    /// <summary>The largest magnitude among the bits of single-precision numbers, as bits.</summary>
    public static uint LargestBits(ReadOnlySpan<uint> bits)
    {
        uint largest = 0;
        int i = 0;
        if (bits.Length >= 4 * Vector<uint>.Count)
        {
            Vector<uint> mask = new(SignMask), first = default, second = default, third = default, fourth = default;
            for (; i <= bits.Length - (4 * Vector<uint>.Count); i += 4 * Vector<uint>.Count)
            {
                first = Vector.Max(first, new Vector<uint>(bits[i..]) & mask);
                second = Vector.Max(second, new Vector<uint>(bits[(i + Vector<uint>.Count)..]) & mask);
                third = Vector.Max(third, new Vector<uint>(bits[(i + (2 * Vector<uint>.Count))..]) & mask);
                fourth = Vector.Max(fourth, new Vector<uint>(bits[(i + (3 * Vector<uint>.Count))..]) & mask);
            }
            Vector<uint> all = Vector.Max(Vector.Max(first, second), Vector.Max(third, fourth));
            for (int lane = 0; lane < Vector<uint>.Count; lane++)
                largest = Math.Max(largest, all[lane]);
        }
        for (; i < bits.Length; i++)
            largest = Math.Max(largest, bits[i] & SignMask);
        return largest;
    }

    private void Add(ReadOnlySpan<uint> bits)
    {
        uint largest = LargestBits(bits);
        _largestBits = Math.Max(_largestBits, largest);
        if (largest < InfinityBits)
            return;
        foreach (uint one in bits)
        {
            uint magnitude = one & SignMask;
            if (magnitude > InfinityBits)
                NotNumbers++;
            else if (magnitude == InfinityBits)
                Infinities++;
        }
    }
}
