namespace MiniMind.MLNet.Dpo.Training.Records.Charts;

/// <summary>Takes away points that a chart is too narrow to show, but no peak and no dip.</summary>
internal static class SeriesThinning
{
    /// <summary>Keeps of each stretch of points the lowest, the highest and those that are not finite.</summary>
    /// <param name="points">By ascending x.</param>
    /// <param name="stretches">Into how many stretches the points are divided at most.</param>
    public static IReadOnlyList<ChartPoint> Thin(IReadOnlyList<ChartPoint> points, int stretches)
    {
        int size = (points.Count + stretches - 1) / stretches;
        if (size <= 2) return points;
        return [.. points.Chunk(size).SelectMany(Ends)];
    }

    private static IEnumerable<ChartPoint> Ends(ChartPoint[] stretch)
    {
        int lowest = -1, highest = -1;
        for (int i = 0; i < stretch.Length; i++)
        {
            if (!double.IsFinite(stretch[i].Y)) continue;
            if (lowest < 0 || stretch[i].Y < stretch[lowest].Y) lowest = i;
            if (highest < 0 || stretch[i].Y > stretch[highest].Y) highest = i;
        }
        for (int i = 0; i < stretch.Length; i++)
        {
            if (i == lowest || i == highest || !double.IsFinite(stretch[i].Y)) yield return stretch[i];
        }
    }
}
