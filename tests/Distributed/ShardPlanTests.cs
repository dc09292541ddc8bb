using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Distributed.Tests;

public sealed class ShardPlanTests
{
    [Theory]
    [InlineData(11, 1)]
    [InlineData(11, 4)]
    [InlineData(12, 4)]
    [InlineData(2, 3)]
    [InlineData(0, 2)]
    public void Part_AnyNumberOfRanks_PartsAreEvenAndTogetherEverything(int count, int ranks)
    {
        Shard[] parts = [.. Enumerable.Range(0, ranks).Select(rank => ShardPlan.Part(count, ranks, rank))];

        parts.SelectMany(part => Enumerable.Range(part.Start, part.Count)).Should().Equal(Enumerable.Range(0, count));
        (parts.Max(part => part.Count) - parts.Min(part => part.Count)).Should().BeLessThanOrEqualTo(1);
    }

    [Fact]
    public void Part_RankBehindTheLast_IsRefused()
    {
        Action read = () => ShardPlan.Part(8, 2, 2);

        read.Should().Throw<ArgumentOutOfRangeException>();
    }
}
