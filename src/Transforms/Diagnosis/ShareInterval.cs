namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>Wilson's score interval of a share (Wilson 1927).</summary>
internal static class ShareInterval
{
    /// <summary>Quantile of 95 %, for what is reported.</summary>
    public const double Reported = 1.959963984540054;

    /// <summary>Quantile of 99.9 %, for what is a finding: some thirty properties are looked at, and chance shall not make one of them a finding.</summary>
    public const double Certain = 3.290526731491896;

    /// <summary>Where the true share lies.</summary>
    /// <param name="share">The share that was seen.</param>
    /// <param name="count">Of how many; all of 0 to 1 where of none.</param>
    /// <param name="quantile">Of the normal distribution, of both tails.</param>
    public static (double Lower, double Upper) Of(double share, double count, double quantile)
    {
        if (count <= 0)
            return (0, 1);
        double square = quantile * quantile, centre = (share + square / (2 * count)) / (1 + square / count);
        double half = quantile / (1 + square / count) * Math.Sqrt(share * (1 - share) / count + square / (4 * count * count));
        return (Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}
