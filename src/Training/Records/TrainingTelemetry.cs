namespace MiniMind.MLNet.Dpo;

/// <summary>Under which name training gives its measurements to <see cref="System.Diagnostics.Metrics"/>.</summary>
/// <remarks>
/// Counters <c>minimind.training.steps</c>, <c>.examples</c>, <c>.tokens</c> and <c>.steps.skipped</c>, and a gauge for each metric of a measurement:
/// <c>minimind.training.</c> or <c>minimind.evaluation.</c> and the metric's name with dots for slashes, such as <c>minimind.training.rewards.margins</c>.
/// Tags: <c>trainer</c> (<c>dpo</c>, <c>sft</c>) and, with a run directory, <c>run</c> (its name).
/// </remarks>
public static class TrainingTelemetry
{
    /// <summary>The meter's name, for OpenTelemetry's <c>AddMeter</c> and for <c>dotnet-counters monitor --counters</c>.</summary>
    public const string MeterName = "MiniMind.MLNet.Dpo";
}
