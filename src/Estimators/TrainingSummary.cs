using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo;

/// <summary>What a training run did, kept with the transformer.</summary>
public sealed record TrainingSummary
{
    /// <summary>Pairs (or conversations) that were trained on.</summary>
    public required int Examples { get; init; }

    /// <summary>Rows that carried nothing to learn and were left out, in order.</summary>
    public required IReadOnlyList<SkippedPair> Skipped { get; init; }

    /// <summary>Lines of the file that were not readable and were left out; <see langword="null"/> where the data comes from no file of ours.</summary>
    public required BadRowReport? BadRows { get; init; }

    /// <summary>What the maximum length took from the rows; <see langword="null"/> where the data does not say how long they were.</summary>
    public TruncationReport? Truncation { get; init; }

    /// <summary>Optimizer steps taken.</summary>
    public required long Steps { get; init; }

    /// <summary>Measurements, one per logging interval.</summary>
    public required IReadOnlyList<TrainingPoint> History { get; init; }

    /// <summary>Evaluations on the validation data, the first before the first step; empty where there was none.</summary>
    public IReadOnlyList<ValidationPoint> Evaluations { get; init; } = [];

    /// <summary>What guards found.</summary>
    public IReadOnlyList<TrainingWarning> Warnings { get; init; } = [];

    /// <summary>The step whose weights were returned: the last, or the best evaluation's.</summary>
    public long ReturnedStep { get; init; }

    /// <summary>Why the run ended before its last step, if it did.</summary>
    public string? StopReason { get; init; }

    /// <summary>Time from the first step to the last.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The element type that matrix products had.</summary>
    public required ComputePrecision Precision { get; init; }

    /// <summary>Where it ran.</summary>
    public required string Device { get; init; }
}
