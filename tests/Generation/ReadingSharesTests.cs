using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>How several prompts share a pass.</summary>
public class ReadingSharesTests
{
    [Theory]
    [InlineData(new[] { 10 }, 64, new[] { 10 })]
    [InlineData(new[] { 900 }, 64, new[] { 64 })]
    [InlineData(new[] { 900, 20 }, 64, new[] { 44, 20 })] // the short one does not wait, and the long one gets what is left
    [InlineData(new[] { 900, 500, 20 }, 64, new[] { 32, 12, 20 })]
    [InlineData(new[] { 900, 20, 20, 20, 20 }, 64, new[] { 32, 20, 12, 0, 0 })] // the first one has half of it whatever follows
    [InlineData(new[] { 20, 900 }, 64, new[] { 20, 44 })]
    [InlineData(new[] { 9, 9 }, 1, new[] { 1, 0 })]
    [InlineData(new[] { 3, 3 }, 64, new[] { 3, 3 })]
    [InlineData(new int[0], 64, new int[0])]
    public void Of_Lengths_AreDividedSoThatNobodyStarves(int[] lengths, int room, int[] expected) =>
        ReadingShares.Of(lengths, room).Should().Equal(expected);
}
