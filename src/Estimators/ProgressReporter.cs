using System.Diagnostics;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Tells the user's progress object and ML.NET's log how the run goes.</summary>
internal sealed class ProgressReporter(IProgress<DpoProgress>? progress, IChannel channel) : ITrainingObserver
{
    private (long Step, TimeSpan Elapsed) _first, _last;

    public void Started(TrainingState state) => _first = _last = (state.Step, state.EarlierTime);

    public void Measured(TrainingState state, TrainingPoint point)
    {
        double seconds = Math.Max(1e-9, (point.Elapsed - _last.Elapsed).TotalSeconds);
        long done = point.Step - _first.Step;
        using Process process = Process.GetCurrentProcess();
        DpoProgress report = new()
        {
            Step = point.Step, TotalSteps = state.TotalSteps, Point = point, ExamplesPerSecond = point.Examples / seconds,
            TokensPerSecond = point.Tokens / seconds,
            PaddingShare = Math.Max(0, 1 - (double)point.Tokens / point.Rows), ResidentBytes = process.WorkingSet64,
            Remaining = (point.Elapsed - _first.Elapsed) / done * (state.TotalSteps - point.Step),
            Validation = state.Evaluations.LastOrDefault(), Warnings = [.. state.Warnings],
        };
        _last = (point.Step, point.Elapsed);
        string metrics = string.Join(", ", point.Metrics.Select(m => $"{m.Key} {m.Value:G6}"));
        channel.Info(MessageSensitivity.None, "step {0}/{1}, epoch {2:F2}, lr {3:G4}, grad_norm {4:G4}, {5}", point.Step, state.TotalSteps, point.Epoch,
            point.LearningRate, point.GradientNorm, metrics);
        if (point.SkippedSteps > 0)
        {
            channel.Warning(MessageSensitivity.None, "{0} of the last steps had gradients that are not finite; the weights stayed as they were",
                point.SkippedSteps);
        }

        progress?.Report(report);
    }

    public void Evaluated(TrainingState state, ValidationPoint evaluation) => channel.Info(MessageSensitivity.None, "{0}", evaluation);

    public void Warned(TrainingState state, TrainingWarning warning) =>
        channel.Warning(MessageSensitivity.None, "{0} guard at step {1}: {2}", warning.Guard, warning.Step, warning.Message);

    public void Ended(TrainingState state)
    {
        if (state.StopReason is { } reason)
            channel.Warning(MessageSensitivity.None, "stopped after step {0} of {1}: {2}", state.Step, state.TotalSteps, reason);
    }
}
