using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Conversion between floating-point types as torch does it: through single precision, rounding to nearest, ties to even.</summary>
internal static class ElementConversion
{
    private const int BlockLength = 2048;

    /// <summary>Converts elements; of equal types the bytes are copied unchanged.</summary>
    /// <param name="source">The elements' bytes, little-endian.</param>
    /// <param name="from">Their type.</param>
    /// <param name="destination">As many elements of type <paramref name="to"/>.</param>
    /// <param name="to">The type wanted; see <see cref="ElementTypes.CanConvert"/>.</param>
    public static void Convert(ReadOnlySpan<byte> source, ScalarType from, Span<byte> destination, ScalarType to)
    {
        if (from == to)
        {
            source.CopyTo(destination);
            return;
        }
        if (!ElementTypes.CanConvert(from, to))
            throw new ArgumentException($"{from} values cannot be read as {to}.", nameof(to));

        int sourceSize = ElementTypes.Size(from), destinationSize = ElementTypes.Size(to);
        Span<float> block = stackalloc float[BlockLength];
        for (int start = 0, count = source.Length / sourceSize; start < count; start += BlockLength)
        {
            Span<float> singles = block[..Math.Min(BlockLength, count - start)];
            ToSingle(source.Slice(start * sourceSize, singles.Length * sourceSize), from, singles);
            FromSingle(singles, destination.Slice(start * destinationSize, singles.Length * destinationSize), to);
        }
    }

    private static void ToSingle(ReadOnlySpan<byte> source, ScalarType from, Span<float> singles)
    {
        switch (from)
        {
            case ScalarType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), singles);
                break;
            case ScalarType.BFloat16:
                ReadOnlySpan<ushort> upperHalves = MemoryMarshal.Cast<byte, ushort>(source);
                Span<uint> bits = MemoryMarshal.Cast<float, uint>(singles);
                for (int i = 0; i < bits.Length; i++)
                    bits[i] = (uint)upperHalves[i] << 16;
                break;
            case ScalarType.Float64:
                TensorPrimitives.ConvertTruncating<double, float>(MemoryMarshal.Cast<byte, double>(source), singles);
                break;
            default:
                MemoryMarshal.Cast<byte, float>(source).CopyTo(singles);
                break;
        }
    }

    private static void FromSingle(ReadOnlySpan<float> singles, Span<byte> destination, ScalarType to)
    {
        switch (to)
        {
            case ScalarType.Float16:
                TensorPrimitives.ConvertToHalf(singles, MemoryMarshal.Cast<byte, Half>(destination));
                break;
            case ScalarType.BFloat16:
                ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(singles);
                Span<ushort> upperHalves = MemoryMarshal.Cast<byte, ushort>(destination);
                for (int i = 0; i < bits.Length; i++)
                    upperHalves[i] = RoundToUpperHalf(bits[i]);
                break;
            case ScalarType.Float64:
                TensorPrimitives.ConvertTruncating<float, double>(singles, MemoryMarshal.Cast<byte, double>(destination));
                break;
            default:
                singles.CopyTo(MemoryMarshal.Cast<byte, float>(destination));
                break;
        }
    }

    // A NaN must not round up to infinity, so it keeps its sign and becomes quiet.
    private static ushort RoundToUpperHalf(uint bits) => (bits & 0x7FFFFFFF) > 0x7F800000
        ? (ushort)((bits >> 16) | 0x40)
        : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}
