using MiniMind.MLNet.Dpo.Transforms;

namespace MiniMind.MLNet.Dpo.Tests.Transforms;

public sealed class ThinkBlocksTests
{
    [Fact]
    public void Apply_RemovingBlocks_RemovesEmptyOnesEverywhereAndOnlyThem() =>
        ThinkBlocks.Apply("a<think>\n\n</think>\n\nb<think>\nwhy\n</think>\n\nc<think>\n\n</think>\n\n", keeps: false).Should()
            .Be("ab<think>\nwhy\n</think>\n\nc");

    [Fact]
    public void Apply_KeepingBlocks_ChangesNothing() =>
        ThinkBlocks.Apply("<think>\n\n</think>\n\nb", keeps: true).Should().Be("<think>\n\n</think>\n\nb");

    [Fact]
    public void Keeps_ManyPairs_KeepsTheShareThatIsAskedFor()
    {
        foreach (double ratio in (double[])[0, 0.2, 0.7, 1])
        {
            double share = Enumerable.Range(0, 20_000).Count(key => ThinkBlocks.Keeps(ratio, seed: 42, (ulong)key)) / 20_000.0;
            share.Should().BeApproximately(ratio, 0.015, "five standard deviations of 20,000 draws are 0.016 at most");
        }
    }

    [Fact]
    public void Keeps_SamePairAgain_DecidesTheSame()
    {
        bool[] first = [.. Enumerable.Range(0, 100).Select(key => ThinkBlocks.Keeps(0.5, 1, (ulong)key))];
        bool[] again = [.. Enumerable.Range(0, 100).Select(key => ThinkBlocks.Keeps(0.5, 1, (ulong)key))];
        bool[] otherSeed = [.. Enumerable.Range(0, 100).Select(key => ThinkBlocks.Keeps(0.5, 2, (ulong)key))];
        again.Should().Equal(first);
        otherSeed.Should().NotEqual(first);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Keeps_NoShare_IsRefused(double ratio) =>
        FluentActions.Invoking(() => ThinkBlocks.Keeps(ratio, 0, 0)).Should().Throw<ArgumentOutOfRangeException>();
}
