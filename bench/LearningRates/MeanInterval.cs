namespace MiniMind.MLNet.Dpo.Bench.LearningRates;

/// <summary>A mean with its 95 % interval.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="HalfWidth">What the interval reaches to both sides; not a number of fewer than two values.</param>
internal readonly record struct MeanInterval(double Mean, double HalfWidth)
{
    private const double Normal95 = 1.96;

    /// <summary>The lower end.</summary>
    public double Lower => Mean - HalfWidth;

    /// <summary>The upper end.</summary>
    public double Upper => Mean + HalfWidth;

    /// <summary>That of some values, drawn independently.</summary>
    public static MeanInterval Of(IReadOnlyCollection<double> values)
    {
        double mean = values.Average();
        return new MeanInterval(mean, Normal95 * Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1) / values.Count));
    }
}
