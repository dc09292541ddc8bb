using System.Diagnostics;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Forecast;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Tells before the first step what a run is going to take, and after the third how long. Stands before all other observers.</summary>
/// <param name="progress">Gets the forecasts, if anyone does.</param>
/// <param name="channel">Gets them as lines.</param>
/// <param name="plan">Which examples the steps take.</param>
/// <param name="batches">How they are laid out and computed.</param>
/// <param name="copies">How many copies of the flat buffers will be made during the run.</param>
/// <param name="frozenBytes">Bytes of weights that are not trained: the policy's, and the reference's, once where they are the same.</param>
/// <param name="evaluationInterval">Steps between evaluations, 0 for the end only; <see langword="null"/> where there are none.</param>
internal sealed class ForecastReporter(
    IProgress<TrainingForecast>? progress, IChannel channel, StepPlan plan, BatchOptions batches, int copies, long frozenBytes, int? evaluationInterval)
        : ITrainingObserver
{
    private const long FirstSteps = 44 << 20; // machine code, kernels' own buffers, the managed heap's youngest generation: 29 to 71 MiB on nine shapes
    private const int TimedSteps = 2; // after the first, which is the longest and prepares kernels
    private TrainingForecast? _first;
    private long _rows, _timedRows, _start, _startStep;

    /// <summary>What the maximum length took from the rows, where that is known.</summary>
    public TruncationReport? Truncation { get; init; }

    /// <summary>The peak learning rate of a preference run; <see langword="null"/> in other runs, of which nothing is said.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Measures which learning rates would do; <see langword="null"/> where that was not asked for.</summary>
    public Func<LearningRateSuggestion>? SuggestLearningRate { get; init; }

    /// <summary>Told where the run is going to move next to nothing.</summary>
    public Action<string>? Warn { get; init; }

    public void Started(TrainingState state)
    {
        if (state.Step >= plan.TotalSteps)
            return;
        RunDemand demand = RunDemand.Of(state.Task, plan, state.Step);
        MemoryForecast Memory(BatchRows rows, PassWeights trained) =>
            MemoryForecast.Of(state.Network.Config, rows, batches, state.Network.Device.type, trained);
        IEnumerable<MemoryForecast> passes = demand.Largest.Select(group => Memory(state.Task.Build(group), PassWeights.Of(state.Network)));
        if (demand.LargestForward is { } forward)
            passes = passes.Append(Memory(state.Task.BuildForward(forward.Group, forward.Pass), PassWeights.None));
        MemoryForecast pass = passes.MaxBy(memory => memory.Pass)!;
        long buffer = state.Parameters.Values.numel() * sizeof(float), optimizer = buffer * state.Optimizer.State.Count;
        long fixedBytes = buffer * 2 + optimizer + frozenBytes;
        long others = state.Parameters.OnCpu ? Math.Max(0, Environment.WorkingSet - fixedBytes) + FirstSteps : 0;
        (_rows, _startStep) = (demand.Rows, state.Step);
        LearningRateSuggestion? rates = state.Step == 0 ? SuggestLearningRate?.Invoke() : null;
        WeightChange? change = LearningRate is { } rate ? WeightChange.Of(state, plan, rate) : null;
        _first = new TrainingForecast
        {
            Step = state.Step, TotalSteps = plan.TotalSteps, Parameters = state.Parameters.Count, Tokens = demand.Tokens,
            PeakBytes = others + fixedBytes + copies * buffer + Math.Max(pass.Pass, rates?.PeakBytes ?? 0),
            WeightBytes = buffer + frozenBytes, GradientBytes = buffer,
            OptimizerBytes = optimizer, CopyBytes = copies * buffer, PassBytes = pass.Pass, BaseBytes = others, Truncation = Truncation,
            LargestWeightChange = change?.Share, LearningRates = rates,
        };
        Report(_first);
        if (state.Step == 0 && Advice(rates, change) is { } advice)
            Warn?.Invoke(advice);
    }

    public void Stepped(TrainingState state, StepResult step)
    {
        long taken = step.Step - _startStep;
        if (taken > TimedSteps + 1 || _first is null)
            return;
        long rows = step.Rows + state.Task.ForwardsBefore([.. step.Examples]).WorkRows;
        _rows -= rows;
        if (taken == 1)
        {
            _start = Stopwatch.GetTimestamp();
            return;
        }
        _timedRows += rows;
        if (taken <= TimedSteps || step.Step == plan.TotalSteps)
            return;
        TimeSpan timed = Stopwatch.GetElapsedTime(_start) - state.Evaluations.Where(e => e.Step > _startStep && e.Step < step.Step)
            .Aggregate(TimeSpan.Zero, (sum, e) => sum + e.Duration);
        TimeSpan evaluations = state.Evaluations.Count == 0 ? TimeSpan.Zero : state.Evaluations[0].Duration * EvaluationsAfter(step.Step);
        Report(_first with { Step = step.Step, Tokens = _first.Tokens, Remaining = timed * ((double)_rows / _timedRows) + evaluations });
    }

    private long EvaluationsAfter(long step) => evaluationInterval switch
    {
        null => 0,
        0 => 1,
        { } every => plan.TotalSteps / every - (step - 1) / every + (plan.TotalSteps % every == 0 ? 0 : 1),
    };

    /// <summary>What was measured says more than what can be reckoned.</summary>
    private string? Advice(LearningRateSuggestion? rates, WeightChange? change) =>
        rates is null ? change?.Advice()
        : LearningRate is { } rate && !(rate >= rates.Low && rate <= rates.High) ? $"LearningRate {rate:0.#e-0} was not found to do. {rates.Advice()}" : null;

    private void Report(TrainingForecast forecast)
    {
        channel.Info(MessageSensitivity.None, "forecast: {0}", forecast);
        progress?.Report(forecast);
    }
}
