using System.Diagnostics;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>Evaluates at the start, every so many steps and at the end; keeps the best weights and ends a run that no longer gets better, where asked to.</summary>
/// <remarks>What it decides follows from <see cref="TrainingState.Evaluations"/>, so that a resumed run goes on as it would have.</remarks>
/// <param name="validation">What is measured.</param>
/// <param name="plan">When, and what follows.</param>
/// <param name="answerLength">Measures the mean length of greedy answers, where that is wanted; gives <see langword="null"/> where it was cancelled.</param>
/// <param name="cancellation">Ends an evaluation, which then counts as not begun.</param>
internal sealed class Validator(IValidation validation, ValidationPlan plan, Func<CancellationToken, double?>? answerLength, CancellationToken cancellation)
    : ITrainingObserver
{
    public void Started(TrainingState state)
    {
        if (state.Evaluations.Count == 0) Evaluate(state);
    }

    public void Stepped(TrainingState state, StepResult step)
    {
        if (state.StopReason is not null) return; // what is left to measure is measured at the end
        bool last = step.Step == state.TotalSteps;
        if (!last && (plan.EverySteps == 0 || step.Step % plan.EverySteps != 0)) return;
        if (Evaluate(state) && !last) state.StopReason ??= EarlyStopping.Reason(state.Evaluations, plan);
    }

    public void Ended(TrainingState state)
    {
        if (state.Evaluations.All(e => e.Step != state.Step)) Evaluate(state);
    }

    /// <summary>Puts the best weights into the network, where they are to be returned.</summary>
    public static void ReturnBest(TrainingState state)
    {
        if (state.Best is not { } best || best.Step == state.Step) return;
        best.Restore(state.Parameters);
        state.ReturnedStep = best.Step;
    }

    private bool Evaluate(TrainingState state)
    {
        long start = Stopwatch.GetTimestamp();
        if (validation.Measure(cancellation) is not { } measured) return false;
        Dictionary<string, double> metrics = new(measured);
        if (answerLength is not null)
        {
            if (answerLength(cancellation) is not { } length) return false;
            metrics[MetricNames.ResponseLength] = length;
        }
        TimeSpan duration = Stopwatch.GetElapsedTime(start);
        double epoch = state.StepsPerEpoch == 0 ? 0 : (double)state.Step / state.StepsPerEpoch;
        ValidationPoint point = new(state.Step, epoch, metrics, validation.Count, state.Elapsed + duration, duration);
        if (plan.KeepBest && state.Evaluations.All(earlier => plan.Metric.IsBetter(point[plan.Metric], earlier[plan.Metric]))) Keep(state);
        state.Evaluations.Add(point);
        return true;
    }

    private static void Keep(TrainingState state)
    {
        if (state.Best is null) state.Best = new WeightSnapshot(state.Step, state.Parameters);
        else state.Best.Take(state.Step, state.Parameters);
    }
}
