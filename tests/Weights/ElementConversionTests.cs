using MiniMind.MLNet.Dpo.Weights;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class ElementConversionTests
{
    public static TheoryData<ScalarType, ScalarType> Pairs
    {
        get
        {
            ScalarType[] types = [ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float32, ScalarType.Float64];
            TheoryData<ScalarType, ScalarType> pairs = [];
            foreach (ScalarType from in types)
            {
                foreach (ScalarType to in types)
                    pairs.Add(from, to);
            }
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Convert_FloatingPoint_EqualsTorch(ScalarType from, ScalarType to)
    {
        using Tensor source = Samples(from);
        using Tensor expected = source.to_type(to);
        byte[] actual = new byte[source.NumberOfElements * ElementTypes.Size(to)];

        ElementConversion.Convert(source.bytes, from, actual, to);

        actual.AsSpan().SequenceEqual(expected.bytes).Should().BeTrue("torch rounds every one of these values the same way");
    }

    [Theory]
    [InlineData(ScalarType.Float32, ScalarType.BFloat16)]
    [InlineData(ScalarType.Float32, ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float16)]
    public void Convert_NotANumber_StaysOne(ScalarType from, ScalarType to)
    {
        byte[] source = from == ScalarType.Float32 ? [1, 0, 0x80, 0x7f] : [0x81, 0x7f];
        byte[] converted = new byte[2];

        ElementConversion.Convert(source, from, converted, to);

        ushort bits = BitConverter.ToUInt16(converted);
        bool isNaN = to == ScalarType.BFloat16 ? (bits & 0x7fff) > 0x7f80 : (bits & 0x7fff) > 0x7c00;
        isNaN.Should().BeTrue("a payload in the lowest bit must not round to infinity");
    }

    [Fact]
    public void Convert_IntegerToFloat_Throws() =>
        FluentActions.Invoking(() => ElementConversion.Convert(new byte[8], ScalarType.Int64, new byte[4], ScalarType.Float32)).Should()
            .Throw<ArgumentException>();

    // Every bit pattern of the 16-bit types and random ones of the others, NaNs aside (their payloads are torch's own business), infinities included.
    private static Tensor Samples(ScalarType type)
    {
        Random random = new(5);
        float[] values = type switch
        {
            ScalarType.Float16 => [.. Enumerable.Range(0, 65_536).Select(bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits))],
            ScalarType.BFloat16 => [.. Enumerable.Range(0, 65_536).Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16))],
            _ => [.. Enumerable.Range(0, 100_000).Select(
                i => i % 2 == 0 ? BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)) : (float)(random.NextDouble() - 0.5))],
        };
        using Tensor singles = tensor([.. values.Where(value => !float.IsNaN(value))]);
        using Tensor converted = singles.to_type(type);
        if (type != ScalarType.Float64)
            return converted.clone();
        using Tensor fraction = converted * 1.000000119;
        return fraction.clone();
    }
}
