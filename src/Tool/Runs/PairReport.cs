using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Runs;

/// <summary>How a model ranks pairs, in numbers with intervals.</summary>
internal static class PairReport
{
    /// <summary>Shows it.</summary>
    /// <param name="context">The context.</param>
    /// <param name="scores">The pairs.</param>
    /// <param name="columns">The names of the scores' columns.</param>
    /// <param name="hasReference">Whether rewards are measured against a reference.</param>
    /// <param name="console">What is written to.</param>
    /// <returns>The number of pairs that have a score.</returns>
    public static int Show(MLContext context, PairScoreRows scores, ScoreColumns columns, bool hasReference, ToolConsole console)
    {
        PairScoreRow[] scored = [.. scores.Rows.Where(row => double.IsFinite(row.LogProbMargin))];
        if (scored.Length == 0)
        {
            console.Warn($"none of {Words.Count(scores.Rows.Count, "pair")} has a score: an answer is cut away, or empty");
            return 0;
        }
        MeanInterval likelier = MeanInterval.Of([.. scored.Select(row => row.LogProbMargin)]);
        double right = scored.Average(row => row.LogProbMargin switch { > 0 => 1.0, 0 => 0.5, _ => 0.0 });
        JsonObject fields = new()
        {
            ["pairs"] = scored.Length, ["unscored"] = scores.Rows.Count - scored.Length, ["chosen_likelier"] = right,
            ["log_prob_margin"] = likelier.Mean, ["log_prob_margin_interval"] = new JsonArray(likelier.Low, likelier.High),
        };
        console.Line(string.Create(CultureInfo.InvariantCulture, $"""
            Pairs measured: {scored.Length}
              chosen answer likelier   {Words.Percent(right)}
              log-prob margin          {likelier.Mean:F4} nats ({likelier.Low:F4} to {likelier.High:F4})
            """));
        if (hasReference && scored.All(row => double.IsFinite(row.RewardMargin)))
        {
            PreferenceMetrics metrics = context.Preferences.Evaluate(scores.View!, columns);
            console.Line(string.Create(CultureInfo.InvariantCulture, $"""
                  by reward:
                    accuracy               {Words.Percent(metrics.Accuracy)} ({Words.Percent(metrics.AccuracyLower)} to {Words.Percent(metrics.AccuracyUpper)})
                    reward margin          {metrics.MeanMargin:F4}
                    chosen, rejected       {metrics.MeanChosenReward:F4}, {metrics.MeanRejectedReward:F4}
                    loss                   {metrics.Loss:F4}
                """));
            foreach ((string name, double value) in new[]
            {
                ("accuracy", metrics.Accuracy), ("accuracy_lower", metrics.AccuracyLower), ("accuracy_upper", metrics.AccuracyUpper),
                ("reward_margin", metrics.MeanMargin), ("chosen_reward", metrics.MeanChosenReward), ("rejected_reward", metrics.MeanRejectedReward),
                ("loss", metrics.Loss),
            })
            {
                fields[name] = value;
            }
        }
        if (scored.Length < scores.Rows.Count)
            console.Line($"  {Words.Count(scores.Rows.Count - scored.Length, "more pair")} without a score: an answer is cut away, or empty");
        console.Event("held_out", fields);
        return scored.Length;
    }
}
