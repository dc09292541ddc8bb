using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;

/// <summary>A tiny run of 12 steps, with checkpoints.</summary>
internal sealed class RunBed : IDisposable
{
    public const int TotalSteps = 12, LogInterval = 4;

    private readonly MiniMindNetwork _network;
    private readonly FlatParameters _parameters;
    private readonly IOptimizer _optimizer;
    private readonly TrainingLoop _loop;

    public RunBed(string folder, CheckpointOptions? options = null, int epochs = 4, Func<FlatParameters, IOptimizer>? optimizer = null,
        ICommunicator? communicator = null, TimeProvider? clock = null)
    {
        Options = options ?? new CheckpointOptions { Folder = folder, EverySteps = 5 };
        _network = new MiniMindNetwork(new ModelConfig
        {
            VocabularySize = 64, HiddenSize = 16, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1,
            MaxPositions = 64
        });
        using Generator random = new(3, CPU);
        _network.Initialize(random, deviation: 0.2);
        BatchOptions batches = new(BatchShape.Packed, HeadOnResponseOnly: true, 64, 0, BalanceRealTokensOnly: true, ScalarType.Float32, long.MaxValue);
        PreferenceTask task = new(_network, new AbsentReference(), RandomPairs.Make(10, 64, seed: 5),
            new(PreferenceLoss.Sigmoid(), 0.2, LogProbReduction.Mean), batches);
        _parameters = new FlatParameters(_network.named_parameters().Select(p => (p.name, p.parameter)));
        _optimizer = optimizer is null ? new AdamW(_parameters, new AdamWOptions()) : optimizer(_parameters);
        _loop = new TrainingLoop(task, _parameters, _optimizer, new LoopOptions { Epochs = epochs, BatchSize = 2, AccumulationSteps = 2, LearningRate = 1e-2 },
            communicator: communicator, clock: clock);
        State = new TrainingState
        {
            Network = _network, Parameters = _parameters, Optimizer = _optimizer, Task = task,
            Communicator = communicator ?? new SingleProcess()
        };
    }

    public CheckpointOptions Options { get; }

    public RunIdentity Identity { get; init; } = Runs(("LearningRate", "0.01"), ("Data", "10 pairs"));

    public TrainingState State { get; }

    public List<string> Warnings { get; } = [];

    public byte[] Weights => _parameters.Values.bytes.ToArray();

    /// <summary>The history without the times.</summary>
    public IEnumerable<string> History => State.History.Select(
        p => $"{p with { Elapsed = default, Metrics = new Dictionary<string, double>() }} {string.Join(", ", p.Metrics)}");

    public static RunIdentity Runs(params (string Name, string Value)[] inputs) =>
        new(new(inputs.ToDictionary(i => i.Name, i => i.Value)), new() { ["Threads"] = "1" });

    /// <summary>Goes on from the newest checkpoint.</summary>
    public RunBed Resume(params ITrainingObserver[] observers)
    {
        new Resumption(Options, Identity, _ => { }, Warnings.Add).Resume(State, observers, _loop.Plan.TotalSteps);
        return this;
    }

    /// <summary>Trains to the end.</summary>
    public RunBed Train(Func<string, Stream>? create = null, CancellationToken cancellation = default, params ITrainingObserver[] observers)
    {
        using CheckpointObserver checkpoints = new(Options, Identity, observers, Warnings.Add, create);
        new TrainingRun(_loop, State, [.. observers, checkpoints], LogInterval).Run(cancellation);
        return this;
    }

    public void Dispose()
    {
        _loop.Dispose();
        _optimizer.Dispose();
        _parameters.Dispose();
        _network.Dispose();
    }

    /// <summary>Ends the run after a step.</summary>
    public sealed class StopAfter(long step, string reason = "enough") : ITrainingObserver
    {
        public void Stepped(TrainingState state, StepResult result)
        {
            if (state.Step == step)
                state.StopReason = reason;
        }
    }
}
