namespace MiniMind.MLNet.Dpo.Tool.Terminal;

/// <summary>A curve in one line of text.</summary>
internal static class Sparkline
{
    private const string Steps = "▁▂▃▄▅▆▇█";
    private const char Gap = ' ';

    /// <summary>The curve; where there are more values than characters, each character is the mean of its share of them.</summary>
    /// <param name="values">The values; those that are not finite leave gaps.</param>
    /// <param name="width">The most characters.</param>
    /// <param name="range">The lowest and highest step's values; <see langword="null"/> for those of the curve.</param>
    public static string Of(IReadOnlyList<double> values, int width, (double Low, double High)? range = null)
    {
        if (values.Count == 0 || width < 1)
            return "";
        double[] shown = [.. Means(values, Math.Min(width, values.Count))];
        double[] finite = [.. shown.Where(double.IsFinite)];
        if (finite.Length == 0)
            return new string(Gap, shown.Length);
        (double low, double high) = range ?? (finite.Min(), finite.Max());
        return string.Concat(shown.Select(value => double.IsFinite(value) ? Step(value, low, high) : Gap));
    }

    private static char Step(double value, double low, double high) =>
        high > low ? Steps[Math.Clamp((int)((value - low) / (high - low) * Steps.Length), 0, Steps.Length - 1)] : Steps[0];

    private static IEnumerable<double> Means(IReadOnlyList<double> values, int count)
    {
        for (int i = 0; i < count; i++)
        {
            int from = (int)((long)i * values.Count / count), to = (int)((long)(i + 1) * values.Count / count);
            double[] finite = [.. values.Skip(from).Take(to - from).Where(double.IsFinite)];
            yield return finite.Length == 0 ? double.NaN : finite.Average();
        }
    }
}
