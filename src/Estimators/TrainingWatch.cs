using Microsoft.Extensions.Logging;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Validation;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>What watches a run as its options ask: the forecast, evaluations, guards.</summary>
internal sealed class TrainingWatch(TrainingOptions options, ComputeSettings compute, ICommunicator communicator, IChannel channel) : IDisposable
{
    private static readonly EventId s_littleMovement = new(13, "LittleMovement"), s_slowSteps = new(14, "SlowSteps");
    private readonly RollBackPoint? _rollBack = options.Guards.RollsBack ? new RollBackPoint(options.Guards.RollBackSteps) : null;
    private IReadOnlyList<ITrainingObserver> _observers = [];

    /// <summary>Measures held-out data, where there is some.</summary>
    public IValidation? Validation { get; init; }

    /// <summary>Prompts to which answers are generated at evaluations.</summary>
    public IReadOnlyList<int[]> Prompts { get; init; } = [];

    /// <summary>What guards must know of a run on pairs or on feedback; <see langword="null"/> in a supervised one.</summary>
    public PreferenceTerms? Preferences { get; init; }

    /// <summary>Counts the pairs that the reference gets right by itself, a tie half, and those looked at; <see langword="null"/> without reference.</summary>
    public Func<(double Right, int Count)>? EasyPairs { get; init; }

    /// <summary>The peak learning rate of which the forecast says what it can move; <see langword="null"/> for nothing.</summary>
    public double? ForecastRate { get; init; }

    /// <summary>Guards of this kind of run alone.</summary>
    public IReadOnlyList<ITrainingObserver> Further { get; init; } = [];

    /// <summary>Lets the reference follow the policy; <see langword="null"/> where it stays.</summary>
    public ReferenceSync? Sync { get; init; }

    /// <summary>What the reference is, where there is one: its weights take memory too.</summary>
    public MiniMindNetwork? Reference { get; init; }

    /// <summary>Measures which learning rates would do; <see langword="null"/> where that was not asked for.</summary>
    public Func<LearningRateSuggestion>? SuggestLearningRate { get; init; }

    /// <summary>What the maximum length took from the rows, where that is known.</summary>
    public TruncationReport? Truncation { get; init; }

    /// <summary>What answers the prompts, once there are observers; <see langword="null"/> where nothing does.</summary>
    public AnswerSampler? Answers { get; private set; }

    /// <summary>The observers, in the order in which they must be told.</summary>
    public IReadOnlyList<ITrainingObserver> Observers(TrainingState state, StepPlan plan)
    {
        List<ITrainingObserver> observers = [];
        if (communicator.Rank == 0)
        {
            observers.Add(Forecast(state, plan));
            observers.Add(new SlowSteps(get_num_threads(), message => Warn(s_slowSteps, message)));
        }

        if (Sync is not null)
            observers.Add(Sync);
        Answers = Prompts.Count == 0 ? null : Sampler(state);
        if (Validation is not null)
            observers.Add(new Validator(Validation, options.Validation!.Plan, Answers is null ? null : Answers.Mean, options.CancellationToken));
        observers.AddRange(Guards(plan));
        observers.AddRange(Further);
        if (_rollBack is not null)
            observers.Add(_rollBack);
        return _observers = observers;
    }

    /// <summary>Puts the best weights into the network after the last step, where they are to be returned.</summary>
    public void ReturnBest(TrainingState state) => _observers.OfType<Validator>().SingleOrDefault()?.ReturnBest(state);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (IDisposable observer in _observers.OfType<IDisposable>())
            observer.Dispose();
    }

    private ForecastReporter Forecast(TrainingState state, StepPlan plan)
    {
        int copies = (options.Validation is { KeepBest: true } ? 1 : 0) + (_rollBack is null ? 0 : 1 + state.Optimizer.State.Count);
        return new ForecastReporter(
            options.Forecast, channel, plan, TrainingEngine.BatchOptions(options, compute), state.Parameters.OnCpu ? copies : 0,
                FrozenBytes.Of(state.Network, Reference), options.Validation?.EverySteps)
        {
            Truncation = Truncation,
            LearningRate = ForecastRate,
            SuggestLearningRate = SuggestLearningRate,
            Warn = message => Warn(s_littleMovement, message),
        };
    }

    private void Warn(EventId what, string message)
    {
        channel.Warning(MessageSensitivity.None, "{0}", message);
        options.Logger?.LogWarning(what, "{Message}", message);
    }

    private AnswerSampler Sampler(TrainingState state) =>
        new(state.Network, Prompts, options.Validation!.SampleTokens, options.Model.AnswerEnds.Ids, communicator)
        {
            Tokenizer = options.Model.Tokenizer, Reference = Reference, StartsAtReference = Preferences is { StartsAtReference: true },
            ReferenceMoves = Sync is not null,
        };

    private IEnumerable<ITrainingObserver> Guards(StepPlan plan)
    {
        GuardOptions guards = options.Guards;
        if (guards.NonFinite != GuardAction.Off)
            yield return new NonFiniteGuard(guards.NonFinite, _rollBack, options.LearningRate, compute.Mode);
        if (guards.LengthDrift != GuardAction.Off)
            yield return new LengthDriftGuard(guards.LengthDrift, _rollBack, guards.MaxLengthRatio);
        if (Preferences is not { } terms)
            yield break;
        if (guards.EasyPairs != GuardAction.Off && EasyPairs is not null)
            yield return new EasyPairsGuard(guards.EasyPairs, guards.MaxReferenceAccuracy, EasyPairs);
        if (guards.NoLearning != GuardAction.Off && terms.StartsAtReference)
        {
            yield return new NoLearningGuard(guards.NoLearning, _rollBack, terms, (step, _) => plan.LearningRate(step - 1),
                guards.MaxChosenDrop);
        }

        if (guards.ChosenCollapse != GuardAction.Off)
            yield return new ChosenCollapseGuard(guards.ChosenCollapse, _rollBack, terms, guards.MaxChosenDrop);
        if (guards.MarginExplosion != GuardAction.Off)
            yield return new MarginExplosionGuard(guards.MarginExplosion, _rollBack, terms, guards.MaxMargin);
    }
}
