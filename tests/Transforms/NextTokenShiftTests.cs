using MiniMind.MLNet.Dpo.Transforms;

namespace MiniMind.MLNet.Dpo.Tests.Transforms;

public sealed class NextTokenShiftTests
{
    [Fact]
    public void Shift_FourTokens_PairsEachTokenWithTheNext()
    {
        int[] ids = [1, 7, 8, 2];
        float[] mask = [0, 0, 1, 1];

        NextTokenShift.InputIds(ids).ToArray().Should().Equal(1, 7, 8);
        NextTokenShift.Labels(ids).ToArray().Should().Equal(7, 8, 2);
        NextTokenShift.LossMask(mask).ToArray().Should().Equal(new float[] { 0, 1, 1 }, "the mask belongs to the labels");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Shift_NothingToPredict_IsEmpty(int length)
    {
        NextTokenShift.InputIds(new int[length]).IsEmpty.Should().BeTrue();
        NextTokenShift.Labels(new int[length]).IsEmpty.Should().BeTrue();
        NextTokenShift.LossMask(new float[length]).IsEmpty.Should().BeTrue();
    }
}
