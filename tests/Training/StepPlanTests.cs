using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

public sealed class StepPlanTests
{
    [Theory]
    [InlineData(1, 2, 4, 8)]
    [InlineData(2, 2, 2, 8)]
    [InlineData(3, 4, 1, 12)]
    [InlineData(4, 1, 2, 8)]
    public void MicroBatches_SeveralRanks_AreTogetherTheStepsOfOne(int ranks, int batch, int accumulation, int group)
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));
        ITrainingTask task = Task(network, 29);
        LoopOptions options = new() { BatchSize = batch, AccumulationSteps = accumulation, Epochs = 2, LongestFirst = true };
        StepPlan one = new(task, options with { BatchSize = group, AccumulationSteps = 1 });
        StepPlan[] plans = [.. Enumerable.Range(0, ranks).Select(rank => new StepPlan(task, options, ranks, rank))];

        plans.Should().AllSatisfy(plan => (plan.TotalSteps, plan.StepsPerEpoch, plan.GroupSize).Should().Be((one.TotalSteps, one.StepsPerEpoch, group)));
        for (long step = 0; step < one.TotalSteps; step++)
        {
            plans.SelectMany(plan => plan.MicroBatches(step)).SelectMany(examples => examples).Should().Equal(one.Group(step), "a group is its parts in rank order");
            plans.Should().AllSatisfy(plan => plan.Group(step).Should().Equal(one.Group(step)));
            plans.Should().AllSatisfy(plan => plan.MicroBatches(step).Should().HaveCountLessThanOrEqualTo(accumulation).And.OnlyContain(examples => examples.Length <= batch));
        }
    }

    [Fact]
    public void MicroBatches_LastGroupSmallerThanRanks_LeavesTheLastRankNone()
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));
        ITrainingTask task = Task(network, 14);
        LoopOptions options = new() { BatchSize = 4, Shuffle = false };

        int[][] parts = [.. Enumerable.Range(0, 3).Select(rank => new StepPlan(task, options, 3, rank).MicroBatches(1).SelectMany(examples => examples).ToArray())];

        parts.Should().BeEquivalentTo(new int[][] { [12], [13], [] }, order => order.WithStrictOrdering());
    }

    private static PreferenceTask Task(MiniMindNetwork network, int pairs) => new(
        network, new AbsentReference(), RandomPairs.Make(pairs, 512, seed: 1), 0.1, LogProbReduction.Mean,
        new BatchOptions(BatchShape.PackedWithSharedPrefix, HeadOnResponseOnly: true, 40, 0, BalanceRealTokensOnly: true, ScalarType.Float32, long.MaxValue));
}
