using System.Text.Json;
using System.Text.Json.Serialization;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;

namespace MiniMind.MLNet.Dpo.Training.Checkpoints;

/// <summary>A checkpoint's <c>state.json</c>: all that is no tensor.</summary>
internal sealed record CheckpointContent
{
    /// <summary>The format that this library writes, and the newest that it reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>How the file is written and read: numbers that JSON lacks by name, and no unknown keys.</summary>
    public static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true,
    };

    /// <summary>The format of the folder.</summary>
    public required int Format { get; init; }

    /// <summary>Finished optimizer steps.</summary>
    public required long Step { get; init; }

    /// <summary>Optimizer steps of the whole run.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Time since the run began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Why the run ended before its last step; <see langword="null"/> where it goes on.</summary>
    public required string? StopReason { get; init; }

    /// <summary>The optimizer's name.</summary>
    public required string Optimizer { get; init; }

    /// <summary>Steps that the optimizer took; fewer than <see cref="Step"/> where some were skipped.</summary>
    public required long OptimizerSteps { get; init; }

    /// <summary>The gradient scaler of a half-precision run.</summary>
    public required GradientScalerState? Scaler { get; init; }

    /// <summary>Options, hashes and versions.</summary>
    public required RunIdentity Identity { get; init; }

    /// <summary>What was measured.</summary>
    public required IReadOnlyList<TrainingPoint> History { get; init; }

    /// <summary>What evaluations measured.</summary>
    public required IReadOnlyList<ValidationPoint> Evaluations { get; init; }

    /// <summary>What guards found.</summary>
    public required IReadOnlyList<TrainingWarning> Warnings { get; init; }

    /// <summary>What each process of the run added up since the last measurement, by its rank.</summary>
    public required IReadOnlyList<PartialMetrics> Partial { get; init; }

    /// <summary>What observers remember, by their names.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Observers { get; init; }

    /// <summary>SHA-256 of the other files, in hexadecimal, by file name.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }
}
