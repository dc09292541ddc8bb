namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>
/// A side of a pair: log-probabilities of its labels under policy and reference, and the logarithms of the policy's summed squared probabilities.
/// </summary>
internal sealed record ScoredSide(double[] Policy, double[] Reference, double[] Collisions)
{
    public double Sum => Policy.Sum();

    public double Mean => Policy.Average();

    /// <summary>What the policy gives above the reference.</summary>
    public double Ratio => Policy.Sum() - Reference.Sum();

    /// <summary>The same per label.</summary>
    public double MeanRatio => Ratio / Policy.Length;

    /// <summary>The same where labels behind the first ones weigh one half.</summary>
    public double RatioWithHalfTail(int head) => Ratio - 0.5 * (Policy.Skip(head).Sum() - Reference.Skip(head).Sum());

    /// <summary>The exponent of WPO's weight.</summary>
    public double Likelihood => Policy.Average() - Collisions.Average();
}
