using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Native;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using MiniMind.MLNet.Dpo.Training.Validation;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.ResumeProbe;

/// <summary>
/// A small run with all that a checkpoint has to keep: experts, dropout, accumulation with a shorter last group, a gradient scaler, evaluations that keep the
/// best weights, guards.
/// </summary>
internal sealed class ProbeRun : IDisposable
{
    private const int Vocabulary = 64, EverySteps = 2, EvaluateEvery = 3, LogInterval = 5, RollBackSteps = 4;
    private const double LearningRate = 2e-3, Beta = 0.2;

    private readonly CheckpointOptions _options;
    private readonly MiniMindNetwork _network, _reference;
    private readonly FlatParameters _parameters;
    private readonly AdamW _optimizer;
    private readonly TrainingState _state;
    private readonly TrainingLoop _loop;
    private readonly IReadOnlyList<ITrainingObserver> _observers;

    public ProbeRun(string folder)
    {
        TorchNativeLibrary.EnsureLoaded();
        set_num_threads(1);
        _options = new CheckpointOptions { Folder = folder, EverySteps = EverySteps };
        (_network, _reference) = (Network(), Network());
        BatchOptions batches = new(BatchShape.PackedWithSharedPrefix, HeadOnResponseOnly: true, 64, 0, BalanceRealTokensOnly: true, ScalarType.Float32,
            long.MaxValue);
        ReportingReference reference = new(new LiveReference(_reference, long.MaxValue));
        PreferenceObjective objective = new(PreferenceLoss.Sigmoid(), Beta, LogProbReduction.Mean);
        PreferenceTask task = new(_network, reference, RandomPairs.Make(22, Vocabulary, seed: 5),
            objective, batches);
        _parameters = new FlatParameters(_network.named_parameters().Select(p => (p.name, p.parameter)));
        _optimizer = new AdamW(_parameters, new AdamWOptions());
        GradientScaler scaler = new(new GradientScalerOptions { InitialScale = 64, GrowthInterval = 5 });
        LoopOptions loop = new() { Epochs = 6, BatchSize = 2, AccumulationSteps = 3, LongestFirst = true, LearningRate = LearningRate };
        _loop = new TrainingLoop(task, _parameters, _optimizer, loop, scaler, new DropoutStream(loop.Seed));
        _state = new TrainingState { Network = _network, Parameters = _parameters, Optimizer = _optimizer, Scaler = scaler, Task = task };
        HeldOutPairs heldOut = new(_network, RandomPairs.Make(9, Vocabulary, seed: 6), batches);
        PreferenceTerms terms = new(objective, MeanTokens: 8, StartsAtReference: true, LearningRate);
        RollBackPoint rollBack = new(RollBackSteps);
        _observers =
        [
            new Validator(heldOut, new ValidationPlan(EvaluateEvery, ValidationMetric.Loss, Patience: 0, MinDelta: 0, KeepBest: true), answerLength: null,
                CancellationToken.None),
            new NonFiniteGuard(GuardAction.Stop, null, LearningRate, ScalarType.Float32),
                new NoLearningGuard(GuardAction.Warn, null, terms, (_, _) => LearningRate),
            new MarginExplosionGuard(GuardAction.RollBack, rollBack, terms, maxMargin: 10), rollBack,
        ];
    }

    public void Train()
    {
        RunIdentity identity = new(new() { ["Data"] = "seed 5" }, []);
        new Resumption(_options, identity, Console.Error.WriteLine, Console.Error.WriteLine).Resume(_state, _observers, _loop.Plan.TotalSteps);
        using CheckpointObserver checkpoints = new(_options, identity, _observers, Console.Error.WriteLine, path => new ReportingFile(path));
        new TrainingRun(_loop, _state, [.. _observers, checkpoints], LogInterval).Run(CancellationToken.None);
    }

    /// <summary>Everything that must not depend on interruptions.</summary>
    public byte[] Result()
    {
        object numbers = new
        {
            _state.Step, Scaler = _state.Scaler!.State, OptimizerSteps = _optimizer.StepCount, _state.Warnings,
            Evaluations = _state.Evaluations.Select(point => point with { Elapsed = TimeSpan.Zero, Duration = TimeSpan.Zero }),
            History = _state.History.Select(point => point with { Elapsed = TimeSpan.Zero }),
        };
        return
        [
            .. JsonSerializer.SerializeToUtf8Bytes(numbers), .. _parameters.Values.bytes, .. Bytes(_optimizer.State),
            .. _observers.OfType<IResumableObserver>().SelectMany(observer => Bytes(observer.Save().Tensors)),
        ];
    }

    public void Dispose()
    {
        foreach (IDisposable observer in _observers.OfType<IDisposable>())
            observer.Dispose();
        _loop.Dispose();
        _optimizer.Dispose();
        _parameters.Dispose();
        _network.Dispose();
        _reference.Dispose();
    }

    private static IEnumerable<byte> Bytes(IEnumerable<KeyValuePair<string, Tensor>> tensors) =>
        tensors.OrderBy(tensor => tensor.Key, StringComparer.Ordinal).SelectMany(tensor => tensor.Value.bytes.ToArray());

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
