using MiniMind.MLNet.Dpo.Training.Optimization;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Optimization;

public class FlatBufferTests
{
    [Fact]
    public void Construct_LongerThanALargePage_IsZeroThroughoutAndAligned()
    {
        using FlatBuffer buffer = new(3_000_000, CPU);
        using Tensor largest = buffer.Tensor.abs().max();

        largest.item<float>().Should().Be(0);
        unsafe
        {
            fixed (void* start = buffer.Vectors(new FlatRange(0, 16, false)))
                ((nint)start % 64).Should().Be(0, "aligned and unaligned matrices may multiply to different last bits");
        }
    }

    [Fact]
    public void Vectors_OfARange_AreTheTensorsMemory()
    {
        using FlatBuffer buffer = new(64, CPU);
        using Tensor counted = arange(64, dtype: ScalarType.Float32);
        buffer.Tensor.copy_(counted);
        FlatRange range = new(16, 32, Decays: false);

        buffer.Vectors(range)[1][3].Should().Be(35);
        buffer.Vectors(range).Clear();

        using Tensor sum = buffer.Tensor.sum();
        sum.item<float>().Should().Be(Enumerable.Range(0, 16).Sum() + Enumerable.Range(48, 16).Sum());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 16)]
    [InlineData(16, 16)]
    [InlineData(17, 32)]
    public void RoundUp_AnyLength_IsTheNextMultipleOfAVector(long length, long expected) =>
        FlatBuffer.RoundUp(length).Should().Be(expected);

    [Fact]
    public void Join_MixedSlices_GivesOneRangePerRunOfTheSameRuleAndCutsStayInside()
    {
        ParameterSlice[] slices =
        [
            new("a", 0, 20, [4, 5], true), new("b", 32, 16, [4, 4], true), new("c", 48, 3, [3], false), new("d", 64, 40, [8, 5], true),
        ];

        IReadOnlyList<FlatRange> joined = FlatRange.Join(slices);

        joined.Should().Equal(new FlatRange(0, 48, true), new FlatRange(48, 16, false), new FlatRange(64, 48, true));
        FlatRange.Cut(joined, 32).Should().Equal(
            new FlatRange(0, 32, true), new FlatRange(32, 16, true), new FlatRange(48, 16, false), new FlatRange(64, 32, true), new FlatRange(96, 16, true));
    }
}
