using System.Diagnostics;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>Takes the loop's steps one by one and lets observers act between them.</summary>
internal sealed class TrainingRun(TrainingLoop loop, TrainingState state, IReadOnlyList<ITrainingObserver> observers, int logInterval)
{
    private int _evaluations, _warnings; // those that all observers know of

    /// <summary>
    /// Runs to the last step, until an observer ends it, or until it is cancelled; where one of several ranks wants the end, all end after the same step.
    /// </summary>
    /// <exception cref="TrainingCancelledException">The run was cancelled, here or on another rank; observers have seen its end, so a checkpoint is there if
    /// one is kept.</exception>
    public void Run(CancellationToken cancellation)
    {
        try
        {
            Steps(cancellation);
        }
        catch (Exception fault)
        {
            foreach (ITrainingObserver observer in observers)
                observer.Failed(state, fault);
            throw;
        }
    }

    private void Steps(CancellationToken cancellation)
    {
        state.TotalSteps = loop.Plan.TotalSteps;
        state.StepsPerEpoch = loop.Plan.StepsPerEpoch;
        StopAgreement agreement = new(state, cancellation);
        using MetricAccumulator accumulator = state.Metrics;
        long start = Stopwatch.GetTimestamp();
        (_evaluations, _warnings) = (state.Evaluations.Count, state.Warnings.Count);
        foreach (ITrainingObserver observer in observers)
            observer.Started(state);
        Announce(); // only now that all have started
        if (!agreement.IsToStop())
        {
            foreach (StepResult step in loop.Steps(state.Step))
            {
                using (step.MetricSums)
                {
                    state.Step = step.Step;
                    state.Elapsed = state.EarlierTime + Stopwatch.GetElapsedTime(start);
                    accumulator.Add(step);
                    if (step.Step % logInterval == 0 || step.Step == state.TotalSteps)
                        Measure(step, accumulator);
                    Notify(observer => observer.Stepped(state, step));
                }
                if (agreement.IsToStop())
                    break;
            }
        }
        Notify(observer => observer.Ending(state));
        Notify(observer => observer.Ended(state));
        if (agreement.IsCancelled)
            throw new TrainingCancelledException(state.Step, cancellation);
    }

    private void Measure(StepResult step, MetricAccumulator accumulator)
    {
        double epoch = (double)step.Step / state.StepsPerEpoch;
        TrainingPoint point = accumulator.Read(step, epoch, loop.GradientNorm, state.Elapsed);
        state.History.Add(point);
        Notify(observer => observer.Measured(state, point));
    }

    private void Notify(Action<ITrainingObserver> what)
    {
        foreach (ITrainingObserver observer in observers)
        {
            what(observer);
            Announce();
        }
    }

    /// <summary>Tells all observers what one of them has added to the state.</summary>
    private void Announce()
    {
        while (_evaluations < state.Evaluations.Count || _warnings < state.Warnings.Count)
        {
            if (_evaluations < state.Evaluations.Count)
            {
                ValidationPoint evaluation = state.Evaluations[_evaluations++];
                foreach (ITrainingObserver observer in observers)
                    observer.Evaluated(state, evaluation);
            }
            else
            {
                TrainingWarning warning = state.Warnings[_warnings++];
                foreach (ITrainingObserver observer in observers)
                    observer.Warned(state, warning);
            }
        }
    }
}
