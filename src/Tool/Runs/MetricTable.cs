using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Runs;

/// <summary>Metrics by name, a line each.</summary>
internal static class MetricTable
{
    /// <summary>Shows them.</summary>
    public static void Show(string title, IReadOnlyDictionary<string, double> metrics, ToolConsole console)
    {
        console.Line(title);
        foreach ((string name, double value) in metrics)
            console.Line($"  {name,-20} {Words.Number(value)}");
        console.Event("held_out", new JsonObject(metrics.Select(metric => KeyValuePair.Create(metric.Key, (JsonNode?)metric.Value))));
    }
}
