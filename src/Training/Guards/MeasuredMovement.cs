namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>What a run's steps so far did to a quantity that began at 0, with the noise of pairs that differ from step to step.</summary>
/// <param name="Mean">The mean over the later half of the steps, each point with its examples.</param>
/// <param name="Error">Its standard error, from how far the points lie apart; the mean itself where there are too few to say.</param>
/// <param name="Share">The share of the run that those points stand for, by learning rates.</param>
internal readonly record struct MeasuredMovement(double Mean, double Error, double Share)
{
    private const int LeastPoints = 3;
    private const double Confidence = 2; // standard errors

    /// <summary>Whether the mean can be told from 0.</summary>
    public bool IsSure => Math.Abs(Mean) > Confidence * Error;

    /// <summary>The most that it can be by now, its size.</summary>
    public double Most => Math.Abs(Mean) + Confidence * Error;

    /// <summary>
    /// The most that the whole run can come to: it grows with the sum of the learning rates at the least, and with its square where steps begin to work
    /// together, as they have been seen to do.
    /// </summary>
    public double MostAtTheEnd => Most / (Share * Share);

    /// <summary>Takes the points together.</summary>
    /// <param name="points">Values, examples and shares of the run of each point.</param>
    public static MeasuredMovement Of(IReadOnlyList<(double Value, double Examples, double Share)> points)
    {
        double all = points.Sum(point => point.Examples), mean = points.Sum(point => point.Value * point.Examples) / all;
        double share = points.Sum(point => point.Share * point.Examples) / all;
        if (points.Count < LeastPoints)
            return new MeasuredMovement(mean, Math.Abs(mean), share);
        double spread = points.Sum(point => point.Examples * (point.Value - mean) * (point.Value - mean)) / all;
        return new MeasuredMovement(mean, Math.Sqrt(spread / (points.Count - 1)), share);
    }
}
