using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Native;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.ResumeProbe;

/// <summary>A small run with all that a checkpoint has to keep: experts, dropout, accumulation with a shorter last group, a gradient scaler, an evaluation with a memory.</summary>
internal sealed class ProbeRun : IDisposable
{
    private const int Vocabulary = 64, EverySteps = 2, EvaluateEvery = 3, LogInterval = 5;

    private readonly CheckpointOptions _options;
    private readonly MiniMindNetwork _network, _reference;
    private readonly FlatParameters _parameters;
    private readonly AdamW _optimizer;
    private readonly TrainingState _state;
    private readonly TrainingLoop _loop;
    private readonly HeldOutEvaluation _evaluation;

    public ProbeRun(string folder)
    {
        TorchNativeLibrary.EnsureLoaded();
        set_num_threads(1);
        _options = new CheckpointOptions { Folder = folder, EverySteps = EverySteps };
        (_network, _reference) = (Network(), Network());
        BatchOptions batches = new(BatchShape.PackedWithSharedPrefix, HeadOnResponseOnly: true, 64, 0, BalanceRealTokensOnly: true, ScalarType.Float32, long.MaxValue);
        ReportingReference reference = new(new LiveReference(_reference, long.MaxValue));
        PreferenceTask task = new(_network, reference, RandomPairs.Make(22, Vocabulary, seed: 5), 0.2, LogProbReduction.Mean, batches);
        _parameters = new FlatParameters(_network.named_parameters().Select(p => (p.name, p.parameter)));
        _optimizer = new AdamW(_parameters, new AdamWOptions());
        GradientScaler scaler = new(new GradientScalerOptions { InitialScale = 64, GrowthInterval = 5 });
        LoopOptions loop = new() { Epochs = 6, BatchSize = 2, AccumulationSteps = 3, LongestFirst = true, LearningRate = 2e-3 };
        _loop = new TrainingLoop(task, _parameters, _optimizer, loop, scaler, new DropoutStream(loop.Seed));
        _state = new TrainingState { Network = _network, Parameters = _parameters, Optimizer = _optimizer, Scaler = scaler, Task = task };
        _evaluation = new HeldOutEvaluation(RandomPairs.Make(9, Vocabulary, seed: 6), batches, EvaluateEvery);
    }

    public void Train()
    {
        RunIdentity identity = new(new() { ["Data"] = "seed 5" }, []);
        new Resumption(_options, identity, Console.Error.WriteLine, Console.Error.WriteLine).Resume(_state, [_evaluation], _loop.Plan.TotalSteps);
        using CheckpointObserver checkpoints = new(_options, identity, [_evaluation], Console.Error.WriteLine, path => new ReportingFile(path));
        new TrainingRun(_loop, _state, [_evaluation, checkpoints], LogInterval).Run(CancellationToken.None);
    }

    /// <summary>Everything that must not depend on interruptions.</summary>
    public byte[] Result()
    {
        object numbers = new
        {
            _state.Step, Scaler = _state.Scaler!.State, OptimizerSteps = _optimizer.StepCount, _evaluation.Losses, _evaluation.BestStep,
            History = _state.History.Select(point => point with { Elapsed = TimeSpan.Zero }),
        };
        return
        [
            .. JsonSerializer.SerializeToUtf8Bytes(numbers), .. _parameters.Values.bytes, .. _evaluation.Best.bytes,
            .. _optimizer.State.OrderBy(s => s.Key, StringComparer.Ordinal).SelectMany(s => s.Value.bytes.ToArray()),
        ];
    }

    public void Dispose()
    {
        _evaluation.Dispose();
        _loop.Dispose();
        _optimizer.Dispose();
        _parameters.Dispose();
        _network.Dispose();
        _reference.Dispose();
    }

    private static MiniMindNetwork Network()
    {
        MiniMindNetwork network = new(new ModelConfig
        {
            VocabularySize = Vocabulary, HiddenSize = 16, LayerCount = 2, HeadCount = 2, KeyValueHeadCount = 1, MaxPositions = 64, Dropout = 0.1,
            Experts = new ExpertsConfig { Count = 3, PerToken = 2, IntermediateSize = 24 },
        });
        using Generator random = new(11, CPU);
        network.Initialize(random, deviation: 0.2);
        return network;
    }
}
