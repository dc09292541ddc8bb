namespace MiniMind.MLNet.Dpo.Tool.Runs;

/// <summary>A mean with its 95 % interval, by the normal distribution of means.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end.</param>
internal readonly record struct MeanInterval(double Mean, double Low, double High)
{
    private const double Normal95 = 1.959963984540054;

    /// <summary>That of some numbers; of one number, the interval is everything.</summary>
    public static MeanInterval Of(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        double variance = values.Count > 1 ? values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1) : double.PositiveInfinity;
        double half = Normal95 * Math.Sqrt(variance / values.Count);
        return new MeanInterval(mean, mean - half, mean + half);
    }
}
