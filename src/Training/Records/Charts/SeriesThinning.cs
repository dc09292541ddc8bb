namespace MiniMind.MLNet.Dpo.Training.Records.Charts;

/// <summary>Makes many points few enough for a chart.</summary>
internal static class SeriesThinning
{
    /// <summary>Keeps of each stretch of points the lowest, the highest and those that are not finite.</summary>
    /// <param name="points">By ascending x.</param>
    /// <param name="stretches">Into how many stretches the points are divided at most.</param>
    public static IReadOnlyList<ChartPoint> Thin(IReadOnlyList<ChartPoint> points, int stretches)
    {
        int size = (points.Count + stretches - 1) / stretches;
        if (size <= 2)
            return points;
        return [.. points.Chunk(size).SelectMany(Ends)];
    }

    /// <summary>The mean of each stretch of points, at the mean of their x; one with a point that is not finite is not finite.</summary>
    /// <param name="points">By ascending x.</param>
    /// <param name="size">Points of a stretch; the last may have fewer.</param>
    public static IReadOnlyList<ChartPoint> Means(IReadOnlyList<ChartPoint> points, int size) =>
        [.. points.Chunk(size).Select(stretch => new ChartPoint(stretch.Average(point => point.X), stretch.Average(point => point.Y)))];

    private static IEnumerable<ChartPoint> Ends(ChartPoint[] stretch)
    {
        int lowest = -1, highest = -1;
        for (int i = 0; i < stretch.Length; i++)
        {
            if (!double.IsFinite(stretch[i].Y))
                continue;
            if (lowest < 0 || stretch[i].Y < stretch[lowest].Y)
                lowest = i;
            if (highest < 0 || stretch[i].Y > stretch[highest].Y)
                highest = i;
        }
        for (int i = 0; i < stretch.Length; i++)
        {
            if (i == lowest || i == highest || !double.IsFinite(stretch[i].Y))
                yield return stretch[i];
        }
    }
}
