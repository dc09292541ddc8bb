namespace MiniMind.MLNet.Dpo;

/// <summary>How a learning rate is looked for by trial steps.</summary>
/// <remarks>The cost is bounded: at most <see cref="MaxTrials"/> times <see cref="Steps"/> optimizer steps and as many measurements of the held-out
/// pairs.</remarks>
public sealed record LearningRateSearch
{
    /// <summary>Optimizer steps of a trial; at most a quarter of the planned run's, but for 8 that are needed. More steps measure more exactly.</summary>
    public int Steps { get; init; } = 32;

    /// <summary>The most rates that are tried.</summary>
    public int MaxTrials { get; init; } = 6;

    /// <summary>Pairs that the trials are measured on and do not train on, at most, and at most a quarter of all; no prompt is on both sides.</summary>
    public int HeldOutPairs { get; init; } = 64;

    /// <summary>
    /// The most that the chosen side may lose over the planned run, nats per token; <see langword="null"/> for half of
    /// <see cref="GuardOptions.MaxChosenDrop"/>, at which the guard looks up.
    /// </summary>
    public double? MaxChosenDrop { get; init; }

    /// <summary>
    /// The margin's growth over the planned run from which on a rate counts as moving it, or half a nat per response where that is less: rewards of means are
    /// small however far the answers of many tokens move apart.
    /// </summary>
    public double LeastMargin { get; init; } = 0.05;

    /// <summary>Deals the held-out prompts and the order of the trials' pairs; <see langword="null"/> for the run's own seed.</summary>
    public int? Seed { get; init; }

    /// <summary>What is wrong with it.</summary>
    internal IEnumerable<string> Faults()
    {
        if (Steps < 8)
            yield return $"{nameof(Steps)} is {Steps}; it must be at least 8";
        if (MaxTrials < 2)
            yield return $"{nameof(MaxTrials)} is {MaxTrials}; it must be at least 2";
        if (HeldOutPairs < 2)
            yield return $"{nameof(HeldOutPairs)} is {HeldOutPairs}; it must be at least 2";
        if (MaxChosenDrop is { } drop && !(drop > 0))
            yield return $"{nameof(MaxChosenDrop)} is {drop}; it must be above 0";
        if (!(LeastMargin > 0 && double.IsFinite(LeastMargin)))
            yield return $"{nameof(LeastMargin)} is {LeastMargin}; it must be above 0";
    }
}
