using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

/// <summary>A small DPO or SFT run as one of several ranks.</summary>
internal sealed record RankTraining
{
    public int Pairs { get; init; } = 22;

    public int BatchSize { get; init; } = 2;

    public int AccumulationSteps { get; init; } = 1;

    public int Epochs { get; init; } = 1;

    public string Model { get; init; } = "model-dense/tiny";

    public bool Supervised { get; init; }

    /// <summary>Whether pairs count from 0.1 to 5 times.</summary>
    public bool Weighted { get; init; }

    /// <summary>By default every layer's gradients go as soon as they are there.</summary>
    public long? SmallestExchange { get; init; } = 1;

    public Func<int, IEnumerable<ITrainingObserver>> Observers { get; init; } = _ => [];

    public Func<int, CancellationToken> Cancellation { get; init; } = _ => default;

    /// <summary>The whole run on a number of ranks, each a thread.</summary>
    public RankResult[] On(int ranks) => SharedMemory.Run(ranks, Run);

    /// <summary>The run as one rank.</summary>
    public RankResult Run(ICommunicator communicator)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork policy = GoldenModels.Load(TestFiles.Golden(Model)), reference = GoldenModels.Load(TestFiles.Golden(Model));
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
        using AdamW optimizer = new(parameters, new AdamWOptions { WeightDecay = 0.01 });
        LoopOptions options = new()
        {
            Epochs = Epochs, BatchSize = BatchSize, AccumulationSteps = AccumulationSteps, LearningRate = 1e-3, LongestFirst = true,
            SmallestExchange = SmallestExchange,
        };
        ITrainingTask task = Task(policy, reference);
        TrainingState state = new() { Network = policy, Parameters = parameters, Optimizer = optimizer, Task = task, Communicator = communicator };
        using TrainingLoop loop = new(task, parameters, optimizer, options, scaler: null, communicator: communicator);
        new TrainingRun(loop, state, [.. Observers(communicator.Rank)], logInterval: 2).Run(Cancellation(communicator.Rank));
        return new RankResult(parameters.Values.data<float>().ToArray(), state.History, state.Step, state.StopReason);
    }

    private ITrainingTask Task(MiniMindNetwork policy, MiniMindNetwork reference)
    {
        BatchOptions batches = new(BatchShape.Packed, HeadOnResponseOnly: true, 40, 0, BalanceRealTokensOnly: false, ScalarType.Float32, long.MaxValue);
        double[] weights = [0.1, 5, 1, 0.4, 3];
        IReadOnlyList<PreferenceExample> pairs = [
            .. RandomPairs.Make(Pairs, 512, seed: 5).Select((pair, i) => Weighted ? pair with { Weight = weights[i % weights.Length] } : pair)];
        return Supervised
            ? new SupervisedTask(policy, [.. pairs.Select(pair => pair.Chosen)], [.. pairs.Select(pair => pair.Line)], batches)
            : new PreferenceTask(policy, new LiveReference(reference, long.MaxValue), pairs, new(PreferenceLoss.Sigmoid(), 0.5, LogProbReduction.Mean),
                batches with { Shape = BatchShape.PackedWithSharedPrefix });
    }
}
