using System.Diagnostics;
using MiniMind.MLNet.Dpo.Modeling.Native;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Takes the loop's steps one by one and lets observers act between them.</summary>
internal sealed class TrainingRun(TrainingLoop loop, TrainingState state, IReadOnlyList<ITrainingObserver> observers, int logInterval)
{
    /// <summary>Runs to the last step, until an observer ends it, or until it is cancelled; where one of several ranks wants the end, all end after the same step.</summary>
    /// <exception cref="TrainingCancelledException">The run was cancelled, here or on another rank; observers have seen its end, so a checkpoint is there if one is kept.</exception>
    public void Run(CancellationToken cancellation)
    {
        state.TotalSteps = loop.Plan.TotalSteps;
        state.StepsPerEpoch = loop.Plan.StepsPerEpoch;
        NativeHeap heap = new();
        StopAgreement agreement = new(state, cancellation);
        using MetricAccumulator accumulator = state.Metrics;
        long start = Stopwatch.GetTimestamp();
        foreach (ITrainingObserver observer in observers) observer.Started(state);
        if (!agreement.IsToStop())
        {
            foreach (StepResult step in loop.Steps(state.Step))
            {
                using (step.MetricSums)
                {
                    state.Step = step.Step;
                    state.Elapsed = state.EarlierTime + Stopwatch.GetElapsedTime(start);
                    accumulator.Add(step);
                    if (step.Step % logInterval == 0 || step.Step == state.TotalSteps) Measure(step, accumulator);
                    foreach (ITrainingObserver observer in observers) observer.Stepped(state, step);
                }
                heap.TrimNowAndThen();
                if (agreement.IsToStop()) break;
            }
        }
        foreach (ITrainingObserver observer in observers) observer.Ending(state);
        foreach (ITrainingObserver observer in observers) observer.Ended(state);
        if (agreement.IsCancelled) throw new TrainingCancelledException(state.Step, cancellation);
    }

    private void Measure(StepResult step, MetricAccumulator accumulator)
    {
        double epoch = (double)step.Step / state.StepsPerEpoch;
        TrainingPoint point = accumulator.Read(step, epoch, loop.GradientNorm, state.Elapsed);
        state.History.Add(point);
        foreach (ITrainingObserver observer in observers) observer.Measured(state, point);
    }
}
