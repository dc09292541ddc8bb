using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>Passes over more than a number of rows run out of memory, at the latest moment: when their gradients have been added.</summary>
public sealed class AutoBatchTests
{
    private const int Pairs = 22; // steps of 8, 8 and 6 pairs
    private const double SameStep = 1e-6; // sums of the same gradients in another order

    [Fact]
    public void Steps_PassesThatDoNotFit_AreHalvedUntilTheyDoWithTheSameResult()
    {
        List<string> warnings = [];
        Result whole = Train(8, rowLimit: long.MaxValue), halves = Train(2, accumulation: 4, rowLimit: long.MaxValue);

        Result halved = Train(8, rowLimit: 60, autoBatch: true, warn: warnings.Add);

        warnings.Should().HaveCount(2);
        warnings[0].Should()
            .MatchRegex(
            "^step 1: A pass over 8 examples, \\d+ rows, needs more memory than there is: CUDA out of memory. Tried to allocate 2.00 GiB. It goes on with " +
            "4 examples in a pass");
        warnings[1].Should().Contain("It goes on with 2 examples in a pass");
        halved.Weights.Should().Equal(halves.Weights, "it is the run that had the smaller passes from the start");
        Distance(halved.Weights, whole.Weights).Should().BeLessThan(SameStep);
        Distance(whole.Weights, whole.Start).Should().BeGreaterThan(1e-3, "steps of a thousand times the tolerance make the comparison worth something");
        halved.Losses.Should().Equal(halves.Losses);
    }

    [Fact]
    public void Steps_ALaterPassDoesNotFit_TheStepIsBegunAgainWithoutWhatItHadAdded()
    {
        Result whole = Train(4, accumulation: 2, rowLimit: long.MaxValue);

        Result halved = Train(4, accumulation: 2, rowLimit: long.MaxValue, autoBatch: true, failAt: 4);

        Distance(halved.Weights, whole.Weights).Should().BeLessThan(SameStep);
        halved.Losses.Should().HaveCount(3).And.Subject.Zip(whole.Losses).Should().AllSatisfy(pair => pair.First.Should().BeApproximately(pair.Second, 1e-5f));
    }

    [Fact]
    public void Steps_OnePairDoesNotFitOrHalvingIsOff_EndsWithWhatItNeeded()
    {
        FluentActions.Invoking(() => Train(8, rowLimit: 3, autoBatch: true)).Should().Throw<PassMemoryException>()
            .WithMessage("A pass over 1 examples, * rows, needs more memory*");
        FluentActions.Invoking(() => Train(8, rowLimit: 60)).Should().Throw<PassMemoryException>().WithMessage("A pass over 8 examples*");
    }

    [Fact]
    public void Steps_OneOfTwoRanksDoesNotFit_ItHalvesAloneWithTheSameResult()
    {
        Result[] whole = SharedMemory.Run(2, ranks => Train(4, rowLimit: long.MaxValue, communicator: ranks));

        Result[] halved = SharedMemory.Run(2, ranks => Train(4, rowLimit: ranks.Rank == 1 ? 70 : long.MaxValue, autoBatch: true, communicator: ranks));

        halved[1].Weights.Should().Equal(halved[0].Weights);
        Distance(halved[0].Weights, whole[0].Weights).Should().BeLessThan(SameStep);
        halved[1].Weights.Should().NotEqual(whole[1].Weights, "rank 1 added its gradients in other parts");
    }

    [Fact]
    public void Is_WhatLibtorchThrows_IsToldFromOtherErrors()
    {
        Exception Thrown(Action action) => FluentActions.Invoking(action).Should().Throw<Exception>().Which;

        MemoryFault.Is(Thrown(() => empty(1L << 52))).Should().BeTrue("that is libtorch's own text for the CPU");
        MemoryFault.Is(new ExternalException("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.10 GiB")).Should().BeTrue();
        MemoryFault.Is(Thrown(() => ones(2, 3).add(ones(2, 4)))).Should().BeFalse();
    }

    private static Result Train(
        int batch, int accumulation = 1, long rowLimit = 0, bool autoBatch = false, int failAt = 0, Action<string>? warn = null,
            ICommunicator? communicator = null)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden("model-dense", "tiny"));
        BatchOptions batches = new(BatchShape.PackedWithSharedPrefix, HeadOnResponseOnly: true, 40, 0, BalanceRealTokensOnly: false, ScalarType.Float32,
            long.MaxValue);
        ITrainingTask task = new ScarceMemory(new PreferenceTask(
            network, new AbsentReference(), RandomPairs.Make(Pairs, 512, seed: 9), new(PreferenceLoss.Sigmoid(), 0.5, LogProbReduction.Mean), batches),
            rowLimit, failAt);
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)));
        float[] start = parameters.Values.data<float>().ToArray();
        using Sgd optimizer = new(parameters, new SgdOptions { Momentum = 0.5 });
        LoopOptions options = new()
        {
            BatchSize = batch, AccumulationSteps = accumulation, LearningRate = 0.5, Schedule = new ConstantSchedule(),
            AutoBatch = autoBatch
        };
        using TrainingLoop loop = new(task, parameters, optimizer, options, communicator: communicator, warn: warn);
        List<float> losses = [];
        foreach (StepResult step in loop.Steps())
        {
            using Tensor sums = step.MetricSums;
            losses.Add((float)sums[0].item<double>());
        }
        return new Result(parameters.Values.data<float>().ToArray(), start, losses);
    }

    private static double Distance(float[] ours, float[] theirs) => new RankResult(ours, [], 0, null).DistanceTo(new RankResult(theirs, [], 0, null));

    private sealed record Result(float[] Weights, float[] Start, List<float> Losses);

    /// <summary>A task on a device with too little memory for passes over more than some rows, or for one pass.</summary>
    private sealed class ScarceMemory(ITrainingTask task, long rowLimit, int failAt) : ITrainingTask
    {
        private int _passes;

        public int Count => task.Count;

        public IReadOnlyList<string> MetricNames => task.MetricNames;

        public double Weight(ReadOnlySpan<int> examples) => task.Weight(examples);

        public long Rows(IReadOnlyList<int> examples) => task.Rows(examples);

        public long Tokens(int example) => task.Tokens(example);

        public int StageOf(string parameter) => task.StageOf(parameter);

        public BatchRows Build(int[] examples) => task.Build(examples);

        public string Describe(int example) => task.Describe(example);

        public Tensor Accumulate(DeviceBatch batch, int[] examples, double scale, Action<int>? stageFinished = null)
        {
            Tensor sums = task.Accumulate(batch, examples, scale, stageFinished);
            return batch.InputIds.shape[0] > rowLimit || ++_passes == failAt
                ? throw new ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB.\nException raised from malloc") : sums;
        }
    }
}
