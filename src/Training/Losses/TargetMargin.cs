namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>By how much the chosen side is to be ahead, as a share of beta.</summary>
internal static class TargetMargin
{
    /// <summary>The ratio gamma / beta, if it can be one.</summary>
    /// <param name="value">At least 0 and finite.</param>
    /// <param name="name">What the caller calls it.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not in its range.</exception>
    public static double Checked(double value, string name) => value >= 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "The target margin over beta must be at least 0 and finite; published are 0 to 1.");
}
