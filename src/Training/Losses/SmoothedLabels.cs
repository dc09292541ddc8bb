namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>How often labels are taken to be the wrong way round.</summary>
internal static class SmoothedLabels
{
    /// <summary>The value, if it can be one.</summary>
    /// <param name="value">At least 0 and below one half.</param>
    /// <param name="name">What the caller calls it.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not in its range.</exception>
    public static double Checked(double value, string name) => value is >= 0 and < 0.5
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "The label smoothing must be at least 0 and below 0.5, at which nothing is preferred.");
}
