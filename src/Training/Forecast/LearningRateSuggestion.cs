using System.Globalization;
using MiniMind.MLNet.Dpo.Training.Forecast;

namespace MiniMind.MLNet.Dpo;

/// <summary>Which learning rates move the margin over a planned run without the chosen side losing more than it may, by trial steps on a copy of the
/// model.</summary>
public sealed record LearningRateSuggestion
{
    /// <summary>The lowest rate at which the margin moves over the planned run; <see langword="null"/> where none that holds does.</summary>
    public required double? Low { get; init; }

    /// <summary>The highest rate at which the chosen side holds; <see langword="null"/> where none moves the margin and holds.</summary>
    public required double? High { get; init; }

    /// <summary>The rate to take: half of <see cref="High"/>, where that moves the margin, and not above the surest trial; in the middle of the
    /// range where no trial is sure; <see langword="null"/> where there is none to take.</summary>
    public required double? Recommended { get; init; }

    /// <summary>What was tried, in the order of the rates.</summary>
    public required IReadOnlyList<LearningRateTrial> Trials { get; init; }

    /// <summary>Optimizer steps of the planned run.</summary>
    public required long PlannedSteps { get; init; }

    /// <summary>Pairs that the trials were measured on.</summary>
    public required int HeldOutPairs { get; init; }

    /// <summary>The most that the chosen side may lose over the planned run, nats per token.</summary>
    public required double MaxChosenDrop { get; init; }

    /// <summary>The work of the trials as a share of the planned run's, counted in rows of the network and forward passes.</summary>
    public required double WorkShare { get; init; }

    /// <summary>The time that the trials took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>
    /// The memory that the trials took besides what was in use, bytes: a copy of the weights, gradients, the optimizer's state and the largest pass. It is
    /// free again.
    /// </summary>
    public required long PeakBytes { get; init; }

    /// <summary>Whether every trial that moved the margins left open whether upwards.</summary>
    public bool IsUnsure => Recommended is not null && Trials.All(trial => trial.Verdict != LearningRateVerdict.Moves);

    /// <summary>The range, what to do, and the table of trials.</summary>
    public override string ToString() => string.Join('\n', Lines());

    /// <summary>The range and what to do, in a sentence or two.</summary>
    public string Advice() => Recommended is { } rate
        ? string.Create(CultureInfo.InvariantCulture,
            $"LearningRate from {Rate(Low!.Value)} to {Rate(High!.Value)} moves the margin over {PlannedSteps} steps, and the chosen side loses " +
            $"{MaxChosenDrop:G3} nats per token at most; take {Rate(rate)}.") +
            (IsUnsure ? " That the margin grows is not sure of any rate: the pairs may teach little, or more HeldOutPairs are needed to see it." : "")
        : Trials.Any(trial => trial.Verdict == LearningRateVerdict.TooLarge)
            ? string.Create(CultureInfo.InvariantCulture,
                $"No LearningRate that was tried moves the margin over {PlannedSteps} steps without the chosen side losing more than {MaxChosenDrop:G3} nats " +
                $"per token. Hold the chosen side up with a supervised term or PreferenceLoss.Dpop(), or allow more MaxChosenDrop.")
            : string.Create(CultureInfo.InvariantCulture,
                $"No LearningRate up to {Rate(Trials[^1].Rate)} moves the margin over {PlannedSteps} steps. Train for more epochs, and look at the pairs: " +
                $"their sides may not differ in anything that can be learnt.");

    private IEnumerable<string> Lines()
    {
        yield return Advice();
        yield return "      rate   margin over the run   chosen side, nats per token   verdict";
        foreach (LearningRateTrial trial in Trials)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{Rate(trial.Rate),10}   {$"{trial.PredictedMargin:+0.000;-0.000} ± {1.96 * trial.PredictedMarginError:0.000}",19}   " +
                $"{trial.PredictedChosen,27:+0.000;-0.000}   {Words(trial.Verdict)}");
        }

        yield return string.Create(CultureInfo.InvariantCulture,
            $"{Trials.Count} trials of {Trials.Max(trial => trial.Steps)} steps, measured on {HeldOutPairs} pairs they did not see: {WorkShare:P0} of the " +
            $"planned run's work, {ShortTime.Of(Elapsed)}, {PeakBytes / (1 << 20)} MiB for the time being");
    }

    private static string Words(LearningRateVerdict verdict) => verdict switch
    {
        LearningRateVerdict.TooSmall => "too small",
        LearningRateVerdict.Moves => "moves",
        LearningRateVerdict.Unsure => "moves, not surely upwards",
        _ => "too large",
    };

    private static string Rate(double rate) => rate.ToString("0.#e-0", CultureInfo.InvariantCulture);
}
