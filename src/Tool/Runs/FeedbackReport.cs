using System.Globalization;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Runs;

/// <summary>How a model tells good answers from bad ones.</summary>
internal static class FeedbackReport
{
    /// <summary>Shows it.</summary>
    public static void Show(FeedbackMetrics metrics, ToolConsole console)
    {
        console.Line(string.Create(CultureInfo.InvariantCulture, $"""
            Answers measured: {metrics.Count} ({metrics.GoodCount} good, {metrics.BadCount} bad)
              good above bad     {Words.Percent(metrics.AreaUnderRocCurve)} of all couples
              accuracy           {Words.Percent(metrics.Accuracy)} ({Words.Percent(metrics.AccuracyLower)} to {Words.Percent(metrics.AccuracyUpper)})
              rewards            good {metrics.MeanGoodReward:F4}, bad {metrics.MeanBadReward:F4}
              loss               {metrics.Loss:F4}
            """));
        if (metrics.UnscoredCount > 0)
            console.Line($"  {Words.Count(metrics.UnscoredCount, "more answer")} without a score: cut away, or empty");
        console.Event("held_out", new JsonObject
        {
            ["answers"] = metrics.Count, ["good"] = metrics.GoodCount, ["bad"] = metrics.BadCount, ["unscored"] = metrics.UnscoredCount,
            ["auc"] = metrics.AreaUnderRocCurve, ["accuracy"] = metrics.Accuracy, ["accuracy_lower"] = metrics.AccuracyLower,
            ["accuracy_upper"] = metrics.AccuracyUpper, ["good_reward"] = metrics.MeanGoodReward, ["bad_reward"] = metrics.MeanBadReward,
            ["loss"] = metrics.Loss,
        });
    }
}
