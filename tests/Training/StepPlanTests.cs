using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
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
            plans.SelectMany(plan => plan.MicroBatches(step)).SelectMany(examples => examples).Should()
                .Equal(one.Group(step), "a group is its parts in rank order");
            plans.Should().AllSatisfy(plan => plan.Group(step).Should().Equal(one.Group(step), "a run resumes with another cut into passes and ranks"));
            plans.Should().AllSatisfy(plan => plan.MicroBatches(step).Should().HaveCountLessThanOrEqualTo(accumulation)
                .And.OnlyContain(examples => examples.Length <= batch));
        }
    }

    [Fact]
    public void MicroBatches_LastGroupSmallerThanRanks_LeavesTheLastRankNone()
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));
        ITrainingTask task = Task(network, 14);
        LoopOptions options = new() { BatchSize = 4, Shuffle = false };

        int[][] parts = [.. Enumerable.Range(0, 3).Select(
            rank => new StepPlan(task, options, 3, rank).MicroBatches(1).SelectMany(examples => examples).ToArray())];

        parts.Should().BeEquivalentTo(new int[][] { [12], [13], [] }, order => order.WithStrictOrdering());
    }

    [Theory]
    [InlineData("PackedWithSharedPrefix")]
    [InlineData("Packed")]
    [InlineData("PaddedToLongest")]
    public void Group_LongestFirst_TheFirstStepHasTheMostRowsOfItsEpoch(string shape)
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));
        ITrainingTask task = Task(network, 30, Enum.Parse<BatchShape>(shape));
        LoopOptions options = new() { BatchSize = 4, Epochs = 5, LongestFirst = true };
        StepPlan plan = new(task, options), drawn = new(task, options with { LongestFirst = false });
        int[] FullSteps(StepPlan of, int epoch) => [.. Enumerable.Range(0, 7).Select(step => task.Build(of.Group(8 * epoch + step)).InputIds.Length)];

        for (int epoch = 0; epoch < 5; epoch++)
        {
            FullSteps(plan, epoch)[0].Should().Be(FullSteps(plan, epoch).Max(), $"epoch {epoch}");
            Enumerable.Range(8 * epoch, 8).SelectMany(step => plan.Group(step)).Should()
                .BeEquivalentTo(Enumerable.Range(0, 30), $"every pair stands in epoch {epoch} once");
            plan.Group(8 * epoch + 7).Should().Equal(drawn.Group(8 * epoch + 7), "a shorter last group stays last");
        }
        Enumerable.Range(0, 5).Count(epoch => FullSteps(drawn, epoch)[0] < FullSteps(drawn, epoch).Max()).Should()
            .BePositive("the order as drawn must leave something to do");
    }

    [Fact]
    public void Group_LongestFirst_LeavesPairsPaddedToOneLengthAsDrawn()
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));
        ITrainingTask task = Task(network, 30, BatchShape.PaddedToMaximum);
        LoopOptions options = new() { BatchSize = 4, Epochs = 3, LongestFirst = true };

        StepPlan plan = new(task, options), drawn = new(task, options with { LongestFirst = false });

        Enumerable.Range(0, (int)plan.TotalSteps).SelectMany(step => plan.Group(step)).Should().Equal(
            Enumerable.Range(0, 3).SelectMany(epoch => EpochOrder.Of(30, options.Seed, epoch, shuffle: true)), "that is MiniMind's order");
        Enumerable.Range(0, (int)plan.TotalSteps).Should().AllSatisfy(step => plan.Group(step).Should().Equal(drawn.Group(step)));
    }

    [Fact]
    public void Group_WithoutShuffling_KeepsTheGivenOrder()
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));
        ITrainingTask task = Task(network, 30);
        LoopOptions options = new() { BatchSize = 4, Epochs = 2, LongestFirst = true, Shuffle = false };
        int[] rows = [.. Enumerable.Range(0, 7).Select(step => task.Build([.. Enumerable.Range(4 * step, 4)]).InputIds.Length)];

        StepPlan plan = new(task, options);

        rows[0].Should().BeLessThan(rows.Max(), "the longest step must be another for the order to be at stake");
        for (int step = 0; step < 16; step++)
            plan.Group(step).Should().Equal(Enumerable.Range(step % 8 * 4, step % 8 == 7 ? 2 : 4));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Passes_PerBatch_AreThoseOfOneProcessWithTheirBatchesDivisors(int ranks)
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));
        ITrainingTask task = Task(network, 33); // groups of 12 and 12, and 9 in batches of 6 and 3
        LoopOptions options = new() { BatchSize = 6 / ranks, AccumulationSteps = 2, Epochs = 2, Accumulation = AccumulationRule.PerBatch };
        StepPlan[] plans = [.. Enumerable.Range(0, ranks).Select(rank => new StepPlan(task, options, ranks, rank))];

        for (long step = 0; step < 6; step++)
        {
            double[] weights = new double[33];
            foreach (PlannedPass pass in plans.SelectMany(plan => plan.Passes(step)))
            {
                foreach (int example in pass.Examples)
                    weights[example] += 1 / pass.Divisor;
            }

            int[] group = plans[0].Group(step);
            for (int i = 0; i < group.Length; i++)
            {
                weights[group[i]].Should().BeApproximately(
                    step % 3 == 2 && i >= 6 ? 1.0 / 6 : 1.0 / 12, 1e-12, $"step {step}, place {i}: a batch's mean over two accumulation steps");
            }

            weights.Count(weight => weight > 0).Should().Be(group.Length);
            plans.Should().AllSatisfy(plan => plan.LearningRate(step).Should().Be(
                new MiniMindCosineSchedule().At(step / 3 * 6 + Math.Min(step % 3 * 2 + 2, 6), 12, options.LearningRate), "six batches an epoch are counted"));
        }
    }

    [Theory]
    [InlineData("PackedWithSharedPrefix")]
    [InlineData("Packed")]
    [InlineData("PaddedToLongest")]
    [InlineData("PaddedToMaximum")]
    public void MicroBatches_RowBudget_IsKeptAndUsed(string shape)
    {
        const int budget = 100;
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));
        ITrainingTask task = Task(network, 30, Enum.Parse<BatchShape>(shape));
        StepPlan plan = new(task, new LoopOptions { BatchSize = 8, AccumulationSteps = 2, RowBudget = budget, Epochs = 2, LongestFirst = true });
        int Rows(IEnumerable<int> examples) => task.Build([.. examples]).InputIds.Length;

        for (long step = 0; step < plan.TotalSteps; step++)
        {
            IReadOnlyList<int[]> passes = plan.MicroBatches(step);
            passes.SelectMany(examples => examples).Should().Equal(plan.Group(step));
            passes.Should().AllSatisfy(examples => Rows(examples).Should().BeLessThanOrEqualTo(budget));
            int taken = 0;
            for (int i = 0; i < passes.Count - 1; i++)
            {
                taken += passes[i].Length;
                if (taken % 8 != 0)
                    Rows(passes[i].Append(passes[i + 1][0])).Should().BeGreaterThan(budget, "a pass ends with its batch or when the next pair does not fit");
            }
        }
    }

    [Fact]
    public void MicroBatches_PairBeyondTheRowBudget_HasAPassOfItsOwn()
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));

        StepPlan plan = new(Task(network, 6), new LoopOptions { BatchSize = 3, RowBudget = 1 });

        plan.MicroBatches(0).Should().HaveCount(3).And.OnlyContain(examples => examples.Length == 1);
    }

    private static PreferenceTask Task(MiniMindNetwork network, int pairs, BatchShape shape = BatchShape.PackedWithSharedPrefix) => new(
        network, new AbsentReference(), RandomPairs.Make(pairs, 512, seed: 1), new(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Mean),
        new BatchOptions(shape, HeadOnResponseOnly: true, 40, 0, BalanceRealTokensOnly: true, ScalarType.Float32, long.MaxValue));
}
