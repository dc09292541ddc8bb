using System.Globalization;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Forecast;

namespace MiniMind.MLNet.Dpo;

/// <summary>How far a training run is, reported at every logging interval.</summary>
public sealed record DpoProgress
{
    /// <summary>Finished optimizer steps.</summary>
    public required long Step { get; init; }

    /// <summary>Optimizer steps of the whole run.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>What was measured since the last report.</summary>
    public required TrainingPoint Point { get; init; }

    /// <summary>Pairs (or conversations) per second since the last report.</summary>
    public required double ExamplesPerSecond { get; init; }

    /// <summary>Input tokens per second since the last report, padding not counted and shared prompts counted for both sides.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Share of the network's rows that were padding.</summary>
    public required double PaddingShare { get; init; }

    /// <summary>Resident memory of the process, bytes.</summary>
    public required long ResidentBytes { get; init; }

    /// <summary>Time left at the speed so far.</summary>
    public required TimeSpan Remaining { get; init; }

    /// <summary>The last evaluation; <see langword="null"/> where there was none.</summary>
    public ValidationPoint? Validation { get; init; }

    /// <summary>What guards have found so far.</summary>
    public IReadOnlyList<TrainingWarning> Warnings { get; init; } = [];

    /// <summary>The loss, averaged since the last report.</summary>
    public double Loss => Point.Metrics[MetricNames.Loss];

    /// <summary>Share of pairs whose chosen side has the higher reward, a tie counted half; not a number in supervised runs.</summary>
    public double Accuracy => Point.Metrics.GetValueOrDefault(MetricNames.Accuracy, double.NaN);

    /// <summary>Mean reward margin; not a number in supervised runs.</summary>
    public double Margin => Point.Metrics.GetValueOrDefault(MetricNames.Margin, double.NaN);

    /// <summary>One line for a person, such as <c>step 20 of 53: loss 0.5512, accuracy 78.8 %, margin 0.3519, 31.2 pairs/s, 9 s left</c>.</summary>
    public override string ToString()
    {
        bool prefers = !double.IsNaN(Margin);
        string preference = prefers ? string.Create(CultureInfo.InvariantCulture, $"accuracy {100 * Accuracy:F1} %, margin {Margin:F4}, ") : "";
        string speed = string.Create(CultureInfo.InvariantCulture, $"{ExamplesPerSecond:F1} {(prefers ? "pairs" : "examples")}/s");
        return string.Create(CultureInfo.InvariantCulture, $"step {Step} of {TotalSteps}: loss {Loss:F4}, {preference}{speed}, {ShortTime.Of(Remaining)} left");
    }
}
