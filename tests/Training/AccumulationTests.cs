using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>A step over 8 examples is the same step in one, two, four or eight passes, also where the last group of the epoch is shorter.</summary>
public sealed class AccumulationTests
{
    private const int Examples = 22; // groups of 8, 8 and 6; the last is 4 + 2 with batches of four

    [Theory]
    [InlineData(false, 4, 2)]
    [InlineData(false, 2, 4)]
    [InlineData(false, 1, 8)]
    [InlineData(true, 4, 2)]
    [InlineData(true, 2, 4)]
    [InlineData(true, 1, 8)]
    public void Steps_InSeveralPasses_GiveTheWeightsAndLossesOfOnePass(bool supervised, int batchSize, int accumulation)
    {
        using DisposeScope scope = NewDisposeScope();

        (Tensor expected, double[] losses) = Train(supervised, 8, 1);
        (Tensor actual, double[] actualLosses) = Train(supervised, batchSize, accumulation);

        actualLosses.Should().HaveCount(6);
        for (int step = 0; step < losses.Length; step++)
            actualLosses[step].Should().BeApproximately(losses[step], 1e-6 * losses[step], $"step {step + 1}");
        TensorAssertions.RelativeDistance(actual, expected).Should().BeLessThan(1e-6);
        using MiniMindNetwork start = Network();
        using FlatParameters untrained = new(start.named_parameters().Select(p => (p.name, p.parameter)));
        TensorAssertions.RelativeDistance(expected, untrained.Values).Should()
            .BeGreaterThan(1e-3, "steps of a thousand times the tolerance make the comparison worth something");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Steps_WithinARowBudget_GiveTheWeightsAndLossesOfWholeBatches(bool supervised)
    {
        using DisposeScope scope = NewDisposeScope();
        List<int> whole = [], cut = [];

        (Tensor expected, double[] losses) = Train(supervised, 8, 1, passes: whole);
        (Tensor actual, double[] actualLosses) = Train(supervised, 8, 1, rowBudget: 60, passes: cut);

        whole.Should().AllBeEquivalentTo(1);
        cut.Should().AllSatisfy(passes => passes.Should().BeGreaterThan(1), "the budget must act in every step");
        actualLosses.Should().HaveSameCount(losses);
        for (int step = 0; step < losses.Length; step++)
            actualLosses[step].Should().BeApproximately(losses[step], 1e-6 * losses[step], $"step {step + 1}");
        TensorAssertions.RelativeDistance(actual, expected).Should().BeLessThan(1e-6, "the same gradients are added in another order");
    }

    private static (Tensor Weights, double[] Losses) Train(bool supervised, int batchSize, int accumulation, long rowBudget = 0, List<int>? passes = null)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = Network();
        IReadOnlyList<PreferenceExample> pairs = RandomPairs.Make(Examples, 64, seed: 9);
        BatchOptions batches = new(BatchShape.PackedWithSharedPrefix, HeadOnResponseOnly: true, 64, 0, BalanceRealTokensOnly: true, ScalarType.Float32,
            long.MaxValue);
        ITrainingTask task = supervised
            ? new SupervisedTask(network, [.. pairs.Select(p => p.Chosen)], new long[Examples], batches with { Shape = BatchShape.Packed })
            : new PreferenceTask(network, new AbsentReference(), pairs, new(PreferenceLoss.Sigmoid(), 0.5, LogProbReduction.Sum), batches);
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)));
        using Sgd optimizer = new(parameters, new SgdOptions { Momentum = 0.5 });
        LoopOptions options = new()
        {
            Epochs = 2, BatchSize = batchSize, AccumulationSteps = accumulation, RowBudget = rowBudget, LearningRate = 0.1,
            Schedule = new ConstantSchedule()
        };
        using TrainingLoop loop = new(task, parameters, optimizer, options);
        List<double> losses = [];
        foreach (StepResult step in loop.Steps())
        {
            using Tensor sums = step.MetricSums;
            passes?.Add(loop.Plan.MicroBatches(step.Step - 1).Count);
            losses.Add(sums[0].item<double>() / step.Weight);
        }
        return (parameters.Values.clone().MoveToOuterDisposeScope(), [.. losses]);
    }

    private static MiniMindNetwork Network()
    {
        MiniMindNetwork network = new(new ModelConfig
        {
            VocabularySize = 64, HiddenSize = 32, LayerCount = 2, HeadCount = 2, KeyValueHeadCount = 1,
            MaxPositions = 64
        });
        using Generator random = new(4, CPU);
        network.Initialize(random, deviation: 0.1);
        return network;
    }
}
