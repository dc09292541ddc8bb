using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Hands what is measured in a run to everything that records it, each measurement once and under the same names.</summary>
/// <remarks>Names of evaluations begin with <see cref="MetricNames.EvaluationPrefix"/>.</remarks>
internal sealed class MeasurementReporter(IReadOnlyList<IMetricSink> sinks) : ITrainingObserver
{
    private TimeSpan _last;
    private long _tokens;

    public void Started(TrainingState state) => (_last, _tokens) = (state.EarlierTime, state.History.Sum(point => point.Tokens));

    public void Measured(TrainingState state, TrainingPoint point)
    {
        _tokens += point.Tokens;
        double seconds = Math.Max(1e-9, (point.Elapsed - _last).TotalSeconds);
        _last = point.Elapsed;
        Write(point.Step, new OrderedDictionary<string, double>(point.Metrics)
        {
            [MetricNames.LearningRate] = point.LearningRate,
            [MetricNames.GradientNorm] = point.GradientNorm,
            [MetricNames.Epoch] = point.Epoch,
            [MetricNames.TokenCount] = _tokens,
            [MetricNames.SamplesPerSecond] = point.Examples / seconds,
            [MetricNames.TokensPerSecond] = point.Tokens / seconds,
            [MetricNames.PaddingShare] = Math.Max(0, 1 - (double)point.Tokens / point.Rows),
            [MetricNames.SkippedSteps] = point.SkippedSteps,
            [MetricNames.ResidentBytes] = Environment.WorkingSet,
        }, point.Elapsed);
    }

    public void Evaluated(TrainingState state, ValidationPoint evaluation) => Write(evaluation.Step, evaluation.Prefixed(), evaluation.Elapsed);

    private void Write(long step, IReadOnlyDictionary<string, double> values, TimeSpan elapsed)
    {
        foreach (IMetricSink sink in sinks)
            sink.Write(step, values, elapsed);
    }
}
