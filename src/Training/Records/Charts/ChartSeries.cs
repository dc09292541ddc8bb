namespace MiniMind.MLNet.Dpo.Training.Records.Charts;

/// <summary>One line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Style">The name of its style in the sheet's style sheet.</param>
/// <param name="Points">Its points by ascending x; values that are not finite leave a gap.</param>
internal sealed record ChartSeries(string Name, string Style, IReadOnlyList<ChartPoint> Points);
