using Microsoft.Extensions.Logging;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Tells an <see cref="ILogger"/> how a run goes, in events with numbers of their own.</summary>
internal sealed partial class TrainingLog(ILogger logger) : ITrainingObserver, IMetricSink
{
    private long _totalSteps;
    private bool _ended;

    public void Started(TrainingState state)
    {
        _totalSteps = state.TotalSteps;
        if (state.Step > 0)
            Resumed(state.Step, state.TotalSteps, state.Task.Count);
        else
            Started(state.TotalSteps, state.Task.Count);
    }

    public void Write(long step, IReadOnlyDictionary<string, double> values, TimeSpan elapsed)
    {
        if (values.Keys.Any(name => name.StartsWith(MetricNames.EvaluationPrefix, StringComparison.Ordinal)))
        {
            double Value(string name) => values.GetValueOrDefault(MetricNames.EvaluationPrefix + name, double.NaN);
            if (values.ContainsKey(MetricNames.EvaluationPrefix + MetricNames.Margin))
                Evaluated(step, Value(MetricNames.Loss), Value(MetricNames.Accuracy), Value(MetricNames.Margin));
            else
                EvaluatedTokens(step, Value(MetricNames.Loss), Value(MetricNames.Perplexity));
            return;
        }
        (double loss, double rate, double norm, double speed) = (
            values[MetricNames.Loss], values[MetricNames.LearningRate], values[MetricNames.GradientNorm], values[MetricNames.TokensPerSecond]);
        if (values.TryGetValue(MetricNames.Margin, out double margin))
            MeasuredPreferences(step, _totalSteps, loss, values[MetricNames.Accuracy], margin, rate, norm, speed);
        else
            MeasuredTokens(step, _totalSteps, loss, rate, norm, speed);
        if (values[MetricNames.SkippedSteps] is var skipped and > 0)
            StepsSkipped(step, (long)skipped);
    }

    public void Warned(TrainingState state, TrainingWarning warning) => Warned(warning.Guard, warning.Step, warning.Action, warning.Message);

    public void Ended(TrainingState state)
    {
        _ended = true;
        if (state.StopReason is { } reason)
            Stopped(state.Step, state.TotalSteps, reason);
        else
            Completed(state.Step, state.Elapsed);
    }

    public void Failed(TrainingState state, Exception fault)
    {
        if (!_ended)
            Failed(state.Step, state.TotalSteps, fault);
    }

    [LoggerMessage(1, LogLevel.Information, "Training started: {TotalSteps} steps on {Examples} examples")]
    private partial void Started(long totalSteps, int examples);

    [LoggerMessage(2, LogLevel.Information, "Training resumed after step {Step} of {TotalSteps} on {Examples} examples")]
    private partial void Resumed(long step, long totalSteps, int examples);

    [LoggerMessage(
        3, LogLevel.Information,
        "Step {Step}/{TotalSteps}: loss {Loss:G6}, accuracy {Accuracy:P1}, margin {Margin:G4}, learning rate {LearningRate:G4}, gradient norm " +
        "{GradientNorm:G4}, {TokensPerSecond:F0} tokens/s")]
    private partial void MeasuredPreferences(long step, long totalSteps, double loss, double accuracy, double margin, double learningRate, double gradientNorm,
        double tokensPerSecond);

    [LoggerMessage(
        4, LogLevel.Information,
        "Step {Step}/{TotalSteps}: loss {Loss:G6}, learning rate {LearningRate:G4}, gradient norm {GradientNorm:G4}, {TokensPerSecond:F0} tokens/s")]
    private partial void MeasuredTokens(long step, long totalSteps, double loss, double learningRate, double gradientNorm, double tokensPerSecond);

    [LoggerMessage(5, LogLevel.Information, "Evaluation at step {Step}: loss {Loss:G6}, accuracy {Accuracy:P1}, margin {Margin:G4}")]
    private partial void Evaluated(long step, double loss, double accuracy, double margin);

    [LoggerMessage(6, LogLevel.Warning, "Up to step {Step}, {Skipped} steps had gradients that are not finite; the weights stayed as they were")]
    private partial void StepsSkipped(long step, long skipped);

    [LoggerMessage(7, LogLevel.Information, "Training completed: {Steps} steps in {Elapsed}")]
    private partial void Completed(long steps, TimeSpan elapsed);

    [LoggerMessage(8, LogLevel.Warning, "Training stopped after step {Step} of {TotalSteps}: {Reason}")]
    private partial void Stopped(long step, long totalSteps, string reason);

    [LoggerMessage(9, LogLevel.Error, "Training failed after step {Step} of {TotalSteps}")]
    private partial void Failed(long step, long totalSteps, Exception fault);

    [LoggerMessage(11, LogLevel.Warning, "{Guard} guard at step {Step} ({Action}): {Finding}")]
    private partial void Warned(TrainingGuard guard, long step, GuardAction action, string finding);

    [LoggerMessage(12, LogLevel.Information, "Evaluation at step {Step}: loss {Loss:G6}, perplexity {Perplexity:G6}")]
    private partial void EvaluatedTokens(long step, double loss, double perplexity);
}
