using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Tests.Distributed;

public sealed class ShardPlanTests
{
    [Theory]
    [InlineData(1, 8)]
    [InlineData(2, 4)]
    [InlineData(4, 2)]
    public void Item_AnyNumberOfRanks_TakesTheStepsOfOneProcess(int ranks, int batch)
    {
        const int pairs = 101;
        var one = new ShardPlan(pairs, 8, ranks: 1);
        var many = new ShardPlan(pairs, batch, ranks);

        many.Steps.Should().Be(one.Steps);
        for (int step = 0; step < one.Steps; step++)
            Together(many, step, ranks).Should().Equal(Positions(one[step, 0]), "a global batch is its parts in rank order");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Item_AllSteps_VisitEveryPairOnceInOrder(int ranks)
    {
        var plan = new ShardPlan(23, batchPerRank: 3, ranks);

        Enumerable.Range(0, plan.Steps).SelectMany(step => Together(plan, step, ranks)).Should().Equal(Enumerable.Range(0, 23));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Weight_UnevenLastBatch_SumOfWeightedMeansIsTheMean(int ranks)
    {
        double[] losses = [.. Enumerable.Range(0, 10).Select(i => Math.Sqrt(i + 1))];
        var plan = new ShardPlan(losses.Length, batchPerRank: 4, ranks);
        int last = plan.Steps - 1;
        double[] together = [.. Together(plan, last, ranks).Select(position => losses[position])];

        double sum = Enumerable.Range(0, ranks).Select(rank => plan[last, rank])
            .Sum(shard => shard.Count == 0 ? 0 : shard.Weight * Positions(shard).Average(position => losses[position]));

        sum.Should().BeApproximately(together.Average(), 1e-12, "only the order of additions differs");
    }

    [Fact]
    public void Item_FewerPairsThanRanks_LeavesTheLastRanksEmpty()
    {
        var plan = new ShardPlan(2, batchPerRank: 5, ranks: 4);

        Enumerable.Range(0, 4).Select(rank => plan[0, rank]).Should().Equal(new Shard(0, 1, 2), new Shard(1, 1, 2), new Shard(2, 0, 2), new Shard(2, 0, 2));
    }

    [Fact]
    public void Item_ResumedWithOtherRanks_GoesOnWhereTheEpochStopped()
    {
        var before = new ShardPlan(50, batchPerRank: 4, ranks: 2);
        int position = Enumerable.Range(0, 3).Sum(step => before[step, 0].GlobalCount);
        var after = new ShardPlan(50, batchPerRank: 2, ranks: 4, first: position);

        Together(after, 0, 4).Should().Equal(Together(before, 3, 2));
        after.Steps.Should().Be(before.Steps - 3);
    }

    [Fact]
    public void Item_NoPairsLeft_HasNoSteps() => new ShardPlan(8, 2, 2, first: 8).Steps.Should().Be(0);

    [Fact]
    public void Item_StepBehindTheEnd_IsRefused()
    {
        Action read = () => _ = new ShardPlan(8, 2, 2)[2, 0];

        read.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Part_EvaluationOfElevenPairs_DiffersByOneAtMost() =>
        Enumerable.Range(0, 4).Select(rank => ShardPlan.Part(11, 4, rank)).Should().Equal(new Shard(0, 3, 11), new Shard(3, 3, 11), new Shard(6, 3, 11), new Shard(9, 2, 11));

    private static int[] Together(ShardPlan plan, int step, int ranks) => [.. Enumerable.Range(0, ranks).SelectMany(rank => Positions(plan[step, rank]))];

    private static IEnumerable<int> Positions(Shard shard) => Enumerable.Range(shard.Start, shard.Count);
}
