namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>What a learning rate must come to and may not go beyond, and what follows from trials: arithmetic alone.</summary>
/// <param name="LeastMargin">The margin's growth over the run from which on it moves.</param>
/// <param name="MostMargin">The growth beyond which there is nothing left to gain.</param>
/// <param name="MaxChosenDrop">The most that the chosen side may lose over the run, nats per token.</param>
internal sealed record RateBounds(double LeastMargin, double MostMargin, double MaxChosenDrop)
{
    private const double Normal95 = 1.96;
    private const double Stride = 4; // between neighbouring trials at first
    private const double Narrow = 2.5; // between two trials of which one is too large: near enough
    private const double Distance = 2; // that the recommended rate keeps from the highest one: a factor of rates

    /// <summary>What a prediction for a whole run says of its rate.</summary>
    public LearningRateVerdict Judge(PairMovement predicted) =>
        !double.IsFinite(predicted.Margin) || !double.IsFinite(predicted.Chosen) || -predicted.Chosen > MaxChosenDrop || predicted.Margin > MostMargin
            ? LearningRateVerdict.TooLarge
        : Math.Abs(predicted.Margin) + Normal95 * Finite(predicted.MarginError) < LeastMargin ? LearningRateVerdict.TooSmall
        : predicted.Margin >= LeastMargin && predicted.Margin > Normal95 * predicted.MarginError ? LearningRateVerdict.Moves
        : predicted.Margin > Normal95 * predicted.MarginError ? LearningRateVerdict.TooSmall
        : LearningRateVerdict.Unsure;

    /// <summary>The rate to try next; <see langword="null"/> where the trials say enough.</summary>
    /// <param name="trials">Those so far.</param>
    /// <param name="first">What to begin with.</param>
    public double? Next(IReadOnlyList<LearningRateTrial> trials, double first)
    {
        if (trials.Count == 0)
            return first;
        LearningRateTrial? large = Large(trials), below = Below(trials).LastOrDefault();
        if (large is null)
            return below!.Rate * (below.PredictedMargin + Normal95 * Finite(below.PredictedMarginError) < LeastMargin / Stride ? Stride * Stride : Stride);
        if (below is null)
            return large.Rate / (-large.PredictedChosen <= Stride * Stride * MaxChosenDrop ? Stride : Stride * Stride);
        return large.Rate / below.Rate > Narrow ? Math.Sqrt(large.Rate * below.Rate) : null;
    }

    /// <summary>The rates between which the margin moves and the chosen side holds, and the one to take; <see langword="null"/> where there are none.</summary>
    public (double? Low, double? High, double? Recommended) Range(IReadOnlyList<LearningRateTrial> trials)
    {
        LearningRateTrial[] below = [.. Below(trials)];
        LearningRateTrial[] movers = [.. below.Where(trial => trial.Verdict == LearningRateVerdict.Moves)];
        if (movers.Length == 0)
            movers = [.. below.Where(trial => trial.Verdict == LearningRateVerdict.Unsure)];
        if (movers.Length == 0)
            return (null, null, null);
        double high = Highest(below[^1], Large(trials)), low = Lowest(movers[0], below);
        double best = movers[0].Verdict == LearningRateVerdict.Moves
            ? movers.MaxBy(trial => trial.PredictedMargin - Normal95 * trial.PredictedMarginError)!.Rate
            : Math.Sqrt(low * high); // of margins that are not sure none is the best
        return (low, high, Rounded(Math.Min(Math.Max(low, Math.Min(high / Distance, best)), high)));
    }

    private static double Finite(double error) => double.IsFinite(error) ? error : 0;

    private static LearningRateTrial? Large(IReadOnlyList<LearningRateTrial> trials) =>
        trials.Where(trial => trial.Verdict == LearningRateVerdict.TooLarge).MinBy(trial => trial.Rate);

    /// <summary>The trials below all that are too large, from the smallest on.</summary>
    private static IEnumerable<LearningRateTrial> Below(IReadOnlyList<LearningRateTrial> trials)
    {
        double limit = Large(trials)?.Rate ?? double.PositiveInfinity;
        return trials.Where(trial => trial.Rate < limit).OrderBy(trial => trial.Rate);
    }

    /// <summary>Where the chosen side's loss reaches the limit, on a straight line in logarithms between two trials.</summary>
    private double Highest(LearningRateTrial below, LearningRateTrial? large)
    {
        if (large is null || !(-large.PredictedChosen > MaxChosenDrop) || !double.IsFinite(large.PredictedChosen))
            return below.Rate;
        double less = Math.Max(-below.PredictedChosen, MaxChosenDrop / 100), more = -large.PredictedChosen;
        return below.Rate * Math.Pow(large.Rate / below.Rate, Math.Log(MaxChosenDrop / less) / Math.Log(more / less));
    }

    /// <summary>Where the margin's growth, which goes with the rate, reaches the least; not below a trial that did not.</summary>
    private double Lowest(LearningRateTrial mover, IEnumerable<LearningRateTrial> below)
    {
        double least = below.LastOrDefault(trial => trial.Rate < mover.Rate)?.Rate ?? 0;
        double share = mover.Verdict == LearningRateVerdict.Moves ? LeastMargin / mover.PredictedMargin : 1;
        return Math.Min(mover.Rate, Math.Max(least, mover.Rate * share));
    }

    /// <summary>Two digits, which is more than a measurement says, never upwards.</summary>
    private static double Rounded(double rate)
    {
        double unit = Math.Pow(10, Math.Floor(Math.Log10(rate)) - 1);
        return double.Parse($"{Math.Floor(rate / unit + 1e-9) * unit:E1}", System.Globalization.CultureInfo.InvariantCulture);
    }
}
