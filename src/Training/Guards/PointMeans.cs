namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>What several points of a run's history come to together.</summary>
/// <remarks>
/// Points on pairs have everything of each pair. Points on single answers have the rewards of good and of bad ones apart, each of as many answers as there
/// were, and none of a kind that was not there.
/// </remarks>
internal static class PointMeans
{
    /// <summary>The mean of a metric; <see langword="null"/> where no point has it.</summary>
    public static double? Of(IEnumerable<TrainingPoint> points, string metric)
    {
        double sum = 0, all = 0;
        foreach (TrainingPoint point in points)
        {
            if (!point.Metrics.TryGetValue(metric, out double value))
                continue;
            double examples = Examples(point, metric);
            (sum, all) = (sum + value * examples, all + examples);
        }
        return all > 0 ? sum / all : null;
    }

    /// <summary>The mean margin; of single answers what lies between the mean rewards. <see langword="null"/> where no point has one.</summary>
    public static double? Margin(IReadOnlyCollection<TrainingPoint> points) => points.Any(point => point.Metrics.ContainsKey(MetricNames.GoodShare))
        ? Of(points, MetricNames.ChosenReward) - Of(points, MetricNames.RejectedReward)
        : Of(points, MetricNames.Margin);

    /// <summary>Of how many examples a point's metric is the mean.</summary>
    public static double Examples(TrainingPoint point, string metric) => !point.Metrics.TryGetValue(MetricNames.GoodShare, out double good)
        ? point.Examples
        : point.Examples * metric switch
        {
            MetricNames.ChosenReward or MetricNames.ChosenLogProb => good,
            MetricNames.RejectedReward or MetricNames.RejectedLogProb => 1 - good,
            _ => 1,
        };
}
