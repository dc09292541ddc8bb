using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Feedback;

/// <summary>The baseline belongs to a step: it is computed once, whatever becomes of the step's passes, and leaves nothing behind.</summary>
[Collection(nameof(LiveTensorCountTests))]
public sealed class BaselineStepTests
{
    [Fact]
    public void Steps_PassesOfOneRankThatDoNotFit_DoNotMeasureTheBaselineAgain()
    {
        // a rank that asked for the baseline once more would wait for the others, which do not
        (float[] Weights, List<long> Begun)[] whole = SharedMemory.Run(2, ranks => Train(ranks, failAt: 0));

        (float[] Weights, List<long> Begun)[] halved = SharedMemory.Run(2, ranks => Train(ranks, failAt: ranks.Rank == 1 ? 3 : 0));

        halved[1].Begun.Should().Equal(whole[1].Begun).And.HaveCount(4, "every step is begun once");
        halved[1].Weights.Should().Equal(halved[0].Weights);
        halved[0].Weights.Zip(whole[0].Weights, (x, y) => Math.Abs(x - y)).Max().Should().BeLessThan(1e-5f);
    }

    [Fact]
    public void Steps_AHundredTimes_LeaveNoTensorBehind()
    {
        using MiniMindNetwork policy = GoldenModels.Load(TestFiles.Golden("model-dense", "tiny")), reference = Other();
        IReadOnlyList<FeedbackExample> rows = FeedbackRows.Make(6, 512, seed: 9);
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
        using FeedbackTask task = Task(policy, reference, rows, new SingleProcess());
        int[] examples = [.. Enumerable.Range(0, rows.Count)];
        Step(); // what is made once is made here
        long before = LiveTensors.Settled();

        for (int i = 0; i < 100; i++)
            Step();

        LiveTensors.Settled().Should().Be(before);
        task.Baseline!.item<double>().Should().BePositive();

        void Step()
        {
            task.BeginStep(examples); // outside any scope: what it forgets to dispose stays counted
            using DisposeScope scope = NewDisposeScope();
            task.Accumulate(new DeviceBatch(task.Build(examples), ScalarType.Float32, CPU), examples, 1);
        }
    }

    private static (float[] Weights, List<long> Begun) Train(ICommunicator communicator, int failAt)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork policy = GoldenModels.Load(TestFiles.Golden("model-dense", "tiny")), reference = Other();
        Scarce task = new(Task(policy, reference, FeedbackRows.Make(16, 512, seed: 9), communicator), failAt);
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
        using Sgd optimizer = new(parameters, new SgdOptions { Momentum = 0.5 });
        LoopOptions options = new() { BatchSize = 2, LearningRate = 0.5, Schedule = new ConstantSchedule(), AutoBatch = true };
        using TrainingLoop loop = new(task, parameters, optimizer, options, communicator: communicator);
        foreach (StepResult step in loop.Steps())
            step.MetricSums.Dispose();
        return (parameters.Values.data<float>().ToArray(), task.Begun);
    }

    private static FeedbackTask Task(
        MiniMindNetwork policy, MiniMindNetwork reference, IReadOnlyList<FeedbackExample> rows, ICommunicator communicator)
    {
        BatchOptions options = new(BatchShape.Packed, HeadOnResponseOnly: true, 40, 0, BalanceRealTokensOnly: false, ScalarType.Float32, long.MaxValue);
        return new FeedbackTask(policy, reference, rows, new FeedbackObjective(HasBaseline: true, 0.3, 1, 1), options,
            new BaselineEstimate(rows, options, part => [.. Enumerable.Range(0, part.Count).Chunk(2)], communicator, new ForwardPasses()));
    }

    private static MiniMindNetwork Other()
    {
        MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden("model-dense", "tiny"));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach (Tensor weight in network.parameters())
            weight.mul_(1.1f);
        return network;
    }

    /// <summary>A task on a device with too little memory for one of its passes.</summary>
    private sealed class Scarce(ITrainingTask task, int failAt) : ITrainingTask
    {
        private int _passes;

        public List<long> Begun { get; } = [];

        public int Count => task.Count;

        public IReadOnlyList<string> MetricNames => task.MetricNames;

        public double Weight(ReadOnlySpan<int> examples) => task.Weight(examples);

        public long Rows(IReadOnlyList<int> examples) => task.Rows(examples);

        public long Tokens(int example) => task.Tokens(example);

        public int StageOf(string parameter) => task.StageOf(parameter);

        public BatchRows Build(int[] examples) => task.Build(examples);

        public string Describe(int example) => task.Describe(example);

        public void BeginStep(int[] group)
        {
            Begun.Add(group.Aggregate(0L, (hash, row) => hash * 31 + row));
            task.BeginStep(group);
        }

        public Tensor Accumulate(DeviceBatch batch, int[] examples, double scale, Action<int>? stageFinished = null)
        {
            Tensor sums = task.Accumulate(batch, examples, scale, stageFinished);
            return ++_passes == failAt ? throw new ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB.") : sums;
        }
    }
}
