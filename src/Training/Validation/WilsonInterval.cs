namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>Wilson's score interval of a share, at 95% (Wilson 1927).</summary>
internal static class WilsonInterval
{
    private const double Quantile = 1.959963984540054; // of the normal distribution, at 97.5%

    /// <summary>Where the true share lies.</summary>
    /// <param name="successes">Need not be whole: a tie may count half.</param>
    /// <param name="count">Above 0.</param>
    public static (double Lower, double Upper) Of(double successes, long count) => OfShare(successes / count, count);

    /// <summary>Where the true share lies.</summary>
    /// <param name="share">The share that was seen.</param>
    /// <param name="count">Of how many, above 0; need not be whole.</param>
    public static (double Lower, double Upper) OfShare(double share, double count)
    {
        double square = Quantile * Quantile;
        double centre = (share + square / (2 * count)) / (1 + square / count);
        double half = Quantile / (1 + square / count) * Math.Sqrt(share * (1 - share) / count + square / (4 * count * count));
        return (Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}
