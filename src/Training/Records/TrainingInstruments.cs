using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Gives what is measured to <see cref="System.Diagnostics.Metrics"/>, from where OpenTelemetry exports it.</summary>
/// <param name="trainer">The tag <c>trainer</c>: <c>dpo</c> or <c>sft</c>.</param>
/// <param name="run">The tag <c>run</c>: the run directory's name; <see langword="null"/> for no such tag.</param>
internal sealed class TrainingInstruments(string trainer, string? run) : ITrainingObserver, IMetricSink
{
    private static readonly Meter s_meter = new(TrainingTelemetry.MeterName, typeof(TrainingInstruments).Assembly.GetName().Version?.ToString());
    private static readonly Counter<long> s_steps = s_meter.CreateCounter<long>("minimind.training.steps", "{step}", "Optimizer steps taken.");
    private static readonly Counter<long> s_examples = s_meter.CreateCounter<long>(
        "minimind.training.examples", "{example}", "Pairs or conversations trained on.");
    private static readonly Counter<long> s_tokens = s_meter.CreateCounter<long>(
        "minimind.training.tokens", "{token}", "Input tokens trained on, padding not counted.");
    private static readonly Counter<long> s_skipped = s_meter.CreateCounter<long>(
        "minimind.training.steps.skipped", "{step}", "Steps whose gradients were not finite.");
    private static readonly ConcurrentDictionary<string, Gauge<double>> s_gauges = new();

    private readonly TagList _tags = run is null ? new TagList { { "trainer", trainer } } : new TagList { { "trainer", trainer }, { "run", run } };

    public void Stepped(TrainingState state, StepResult step)
    {
        s_steps.Add(1, _tags);
        s_examples.Add(step.Examples.Count, _tags);
        s_tokens.Add(step.Tokens, _tags);
        if (step.Skipped)
            s_skipped.Add(1, _tags);
    }

    public void Write(long step, IReadOnlyDictionary<string, double> values, TimeSpan elapsed)
    {
        foreach ((string name, double value) in values)
            s_gauges.GetOrAdd(name, Create).Record(value, _tags);
    }

    /// <summary>
    /// The instrument of a metric: <c>rewards/margins</c> is <c>minimind.training.rewards.margins</c>, <c>eval_loss</c> is <c>minimind.evaluation.loss</c>.
    /// </summary>
    internal static string InstrumentName(string metric) => (metric.StartsWith(MetricNames.EvaluationPrefix, StringComparison.Ordinal)
        ? $"minimind.evaluation.{metric[MetricNames.EvaluationPrefix.Length..]}"
        : $"minimind.training.{metric}").Replace('/', '.');

    private static Gauge<double> Create(string metric) => s_meter.CreateGauge<double>(InstrumentName(metric), metric switch
    {
        MetricNames.ResidentBytes => "By",
        MetricNames.SamplesPerSecond => "{example}/s",
        MetricNames.TokensPerSecond => "{token}/s",
        MetricNames.TokenCount => "{token}",
        MetricNames.SkippedSteps => "{step}",
        _ => "1",
    });
}
