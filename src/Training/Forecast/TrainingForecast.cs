using System.Globalization;
using MiniMind.MLNet.Dpo.Training.Forecast;

namespace MiniMind.MLNet.Dpo;

/// <summary>What a run is going to take, told before its first step, and again after the first steps, when the speed is known.</summary>
public sealed record TrainingForecast
{
    private const double Mebibyte = 1 << 20;

    /// <summary>Finished optimizer steps.</summary>
    public required long Step { get; init; }

    /// <summary>Optimizer steps of the whole run.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Weights that are trained.</summary>
    public required long Parameters { get; init; }

    /// <summary>
    /// Input tokens of the steps that are left, prompts counted for both sides and padding not at all; with those of KTO's baseline, prompts with answers to
    /// other prompts.
    /// </summary>
    public required long Tokens { get; init; }

    /// <summary>
    /// The most memory that is going to be in use, in bytes: on a CPU resident memory of the process, on CUDA the device's memory without what the driver
    /// takes.
    /// </summary>
    public required long PeakBytes { get; init; }

    /// <summary>Of these, the weights of policy and, where it has its own, reference.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Of these, gradients.</summary>
    public required long GradientBytes { get; init; }

    /// <summary>Of these, the optimizer's state.</summary>
    public required long OptimizerBytes { get; init; }

    /// <summary>Of these, copies of earlier weights: the best ones, and those to roll back to.</summary>
    public required long CopyBytes { get; init; }

    /// <summary>Of these, what the largest forward and backward pass takes: activations, logits and their gradients.</summary>
    public required long PassBytes { get; init; }

    /// <summary>Of these, what was in use otherwise when the run began (the runtime, libtorch, the data), and what the first steps add to it.</summary>
    public required long BaseBytes { get; init; }

    /// <summary>What the maximum length took from the rows; <see langword="null"/> where the data does not say how long they were.</summary>
    public TruncationReport? Truncation { get; init; }

    /// <summary>Time to the end of the run, evaluations included; <see langword="null"/> before the first steps.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>
    /// About the most that a weight can move in the run, as a share of the weights' typical size (their root mean square): the sum of the learning rates bounds
    /// it; <see langword="null"/> where that is not known, as with other optimizers than AdamW.
    /// </summary>
    public double? LargestWeightChange { get; init; }

    /// <summary>
    /// Which learning rates would do, where a <see cref="LearningRateSearch"/> asked for it; <see langword="null"/> elsewhere.
    /// </summary>
    public LearningRateSuggestion? LearningRates { get; init; }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Parameters} parameters, {TotalSteps - Step} steps over {Tokens} tokens, at most {PeakBytes / Mebibyte:F0} MiB (weights " +
            $"{WeightBytes / Mebibyte:F0}, gradients {GradientBytes / Mebibyte:F0}, optimizer {OptimizerBytes / Mebibyte:F0}, copies " +
            $"{CopyBytes / Mebibyte:F0}, largest pass {PassBytes / Mebibyte:F0}, else {BaseBytes / Mebibyte:F0})") +
        (LargestWeightChange is { } change ? $", weights move by {WeightChange.Percent(change)} at most" : "") +
        (Remaining is { } left ? $", {ShortTime.Of(left)} left" : Truncation is { LosesAnything: true } ? $"; {Truncation}" : "") +
        (LearningRates is null || Remaining is not null ? "" : $"\n{LearningRates}");
}
