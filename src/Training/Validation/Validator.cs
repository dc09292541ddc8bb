using System.Diagnostics;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Training.Loop;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>
/// Evaluates at the start, every so many steps and at the end; keeps the best weights and ends a run that no longer gets better, where asked to.
/// </summary>
/// <remarks>
/// What it decides follows from <see cref="TrainingState.Evaluations"/>, and its memory is the best weights, so that a resumed run goes on as it would have.
/// </remarks>
/// <param name="validation">What is measured.</param>
/// <param name="plan">When, and what follows.</param>
/// <param name="answerLength">Measures the mean length of greedy answers, where that is wanted; gives <see langword="null"/> where it was cancelled.</param>
/// <param name="cancellation">Ends an evaluation, which then counts as not begun.</param>
internal sealed class Validator(IValidation validation, ValidationPlan plan, Func<CancellationToken, double?>? answerLength, CancellationToken cancellation)
    : IResumableObserver, IDisposable
{
    private const string BestWeights = "weights";
    private WeightSnapshot? _best;

    /// <inheritdoc />
    public string MemoryName => "best evaluation";

    public void Started(TrainingState state)
    {
        if (state.Evaluations.Count == 0)
            Evaluate(state);
        else if (state.StopReason is null && IsDue(state) && IsMissing(state))
            EvaluateAndDecide(state); // it was broken off when the run was cancelled
    }

    public void Stepped(TrainingState state, StepResult step)
    {
        if (state.StopReason is null && IsDue(state))
            EvaluateAndDecide(state); // after a stop, what is left to measure is measured at the end
    }

    public void Ending(TrainingState state)
    {
        if (state.StopReason != TrainingState.Cancelled && IsMissing(state))
            Evaluate(state);
    }

    /// <summary>Puts the best weights into the network, where they are to be returned.</summary>
    public void ReturnBest(TrainingState state)
    {
        if (_best is null || _best.Step == state.Step)
            return;
        _best.Restore(state.Parameters);
        state.ReturnedStep = _best.Step;
    }

    /// <inheritdoc />
    public ObserverMemory Save() => new(
        JsonSerializer.SerializeToElement(new Memory(_best?.Step)), _best is null ? new Dictionary<string, Tensor>() : new() { [BestWeights] = _best.Values });

    /// <inheritdoc />
    public void Load(ObserverMemory memory)
    {
        _best?.Dispose();
        _best = memory.Values.Deserialize<Memory>()!.BestStep is { } step ? new WeightSnapshot(step, memory.Tensors[BestWeights]) : null;
    }

    /// <inheritdoc />
    public void Dispose() => _best?.Dispose();

    private static bool IsMissing(TrainingState state) => state.Evaluations.All(evaluation => evaluation.Step != state.Step);

    private bool IsDue(TrainingState state) => state.Step == state.TotalSteps || plan.EverySteps > 0 && state.Step % plan.EverySteps == 0;

    private void EvaluateAndDecide(TrainingState state)
    {
        if (Evaluate(state) && state.Step < state.TotalSteps)
            state.StopReason ??= EarlyStopping.Reason(state.Evaluations, plan);
    }

    private bool Evaluate(TrainingState state)
    {
        long start = Stopwatch.GetTimestamp();
        if (validation.Measure(cancellation) is not { } measured)
            return false;
        Dictionary<string, double> metrics = new(measured);
        if (answerLength is not null)
        {
            if (answerLength(cancellation) is not { } length)
                return false;
            metrics[MetricNames.ResponseLength] = length;
        }
        TimeSpan duration = Stopwatch.GetElapsedTime(start);
        double epoch = state.StepsPerEpoch == 0 ? 0 : (double)state.Step / state.StepsPerEpoch;
        ValidationPoint point = new(state.Step, epoch, metrics, validation.Count, state.Elapsed + duration, duration);
        if (plan.KeepBest && state.Evaluations.All(earlier => plan.Metric.IsBetter(point[plan.Metric], earlier[plan.Metric])))
            Keep(state);
        state.Evaluations.Add(point);
        return true;
    }

    private void Keep(TrainingState state)
    {
        if (_best is null)
            _best = new WeightSnapshot(state.Step, state.Parameters);
        else
            _best.Take(state.Step, state.Parameters);
    }

    private sealed record Memory(long? BestStep);
}
