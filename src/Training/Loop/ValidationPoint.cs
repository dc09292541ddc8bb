using System.Globalization;
using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo;

/// <summary>What one evaluation during training measured on the validation data.</summary>
/// <param name="Step">Finished optimizer steps; 0 before the first.</param>
/// <param name="Epoch">How much of the training data had been seen.</param>
/// <param name="Metrics">Averages under the names of <see cref="MetricNames"/>.</param>
/// <param name="Examples">Pairs (or conversations) that were measured.</param>
/// <param name="Elapsed">Time since the run began.</param>
/// <param name="Duration">How long the evaluation took.</param>
public sealed record ValidationPoint(
    long Step, double Epoch, IReadOnlyDictionary<string, double> Metrics, long Examples, TimeSpan Elapsed, TimeSpan Duration)
{
    /// <summary>One of the averages.</summary>
    /// <exception cref="KeyNotFoundException">It was not measured in this run.</exception>
    public double this[ValidationMetric metric] => Metrics[metric.Name];

    /// <summary>All that was measured under the names that evaluations have in records, with the time that it took.</summary>
    internal IReadOnlyDictionary<string, double> Prefixed() => new OrderedDictionary<string, double>(
        Metrics.Append(new(MetricNames.Runtime, Duration.TotalSeconds))
            .Append(new(MetricNames.SamplesPerSecond, Examples / Math.Max(1e-9, Duration.TotalSeconds)))
            .Select(metric => KeyValuePair.Create(MetricNames.EvaluationPrefix + metric.Key, metric.Value)));

    /// <inheritdoc />
    public override string ToString() =>
        $"evaluation at step {Step}: {string.Join(", ", Metrics.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key} {m.Value:G6}")))}";
}
