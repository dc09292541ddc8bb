using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>An object for each measurement, for scripts.</summary>
/// <param name="console">What is written to.</param>
internal sealed class JsonProgress(ToolConsole console) : IProgressView
{
    private long _evaluated = -1;

    public void During(Action work) => work();

    public void Report(DpoProgress value)
    {
        console.Event("progress", new JsonObject
        {
            ["step"] = value.Step, ["total_steps"] = value.TotalSteps, ["epoch"] = value.Point.Epoch, ["learning_rate"] = value.Point.LearningRate,
            ["grad_norm"] = value.Point.GradientNorm, ["seconds_left"] = Math.Round(value.Remaining.TotalSeconds, 1),
            ["examples_per_second"] = Math.Round(value.ExamplesPerSecond, 2), ["tokens_per_second"] = Math.Round(value.TokensPerSecond, 1),
            ["resident_bytes"] = value.ResidentBytes, ["metrics"] = Metrics(value.Point.Metrics),
        });
        if (value.Validation is { } evaluation && evaluation.Step > _evaluated)
        {
            _evaluated = evaluation.Step;
            console.Event("evaluation", new JsonObject { ["step"] = evaluation.Step, ["metrics"] = Metrics(evaluation.Metrics) });
        }
    }

    public void Tell(TrainingForecast forecast) => console.Event("forecast", new JsonObject
    {
        ["parameters"] = forecast.Parameters, ["steps"] = forecast.TotalSteps - forecast.Step, ["peak_bytes"] = forecast.PeakBytes,
        ["tokens"] = forecast.Tokens, ["text"] = forecast.ToString(),
    });

    public void Warn(string message) => console.Warn(message);

    private static JsonObject Metrics(IReadOnlyDictionary<string, double> metrics) =>
        new(metrics.Select(metric => KeyValuePair.Create(metric.Key, (JsonNode?)metric.Value)));
}
