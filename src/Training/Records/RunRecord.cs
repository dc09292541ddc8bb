using System.Text.Json;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>The contents of <c>run.json</c>.</summary>
internal sealed record RunRecord
{
    public const string FileName = "run.json";

    /// <summary>The most bytes of an earlier record that are read.</summary>
    public const int MaxBytes = 64 << 20;

    /// <summary>How far it has come.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>When the first process of the run began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When later processes took it over, and after which step.</summary>
    public IReadOnlyList<RunResumption> Resumptions { get; init; } = [];

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Time spent, earlier parts of a resumed run included.</summary>
    public double ElapsedSeconds { get; init; }

    /// <summary>Finished optimizer steps.</summary>
    public long Steps { get; init; }

    /// <summary>Optimizer steps of the whole run.</summary>
    public long TotalSteps { get; init; }

    /// <summary>Why it ended before its last step.</summary>
    public string? StopReason { get; init; }

    /// <summary>What guards found.</summary>
    public IReadOnlyList<TrainingWarning> Warnings { get; init; } = [];

    /// <summary>The error that it broke off with.</summary>
    public string? Error { get; init; }

    /// <summary>The latest value of every metric.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>What it trains, on what and how.</summary>
    public required RunDescription Run { get; init; }

    /// <summary>The versions of the process that wrote this.</summary>
    public required RunVersions Versions { get; init; }

    /// <summary>Its machine.</summary>
    public required MachineDescription Machine { get; init; }

    /// <summary>The file's bytes.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RecordJson.Indented);

    /// <summary>When the run of an earlier record began and was taken over.</summary>
    /// <returns>Nothing where there is no such record, or one that is not readable.</returns>
    public static (DateTimeOffset? StartedAt, IReadOnlyList<RunResumption> Resumptions) Earlier(string path)
    {
        try
        {
            Beginning? earlier = Path.Exists(path)
                ? JsonSerializer.Deserialize<Beginning>(RegularFile.ReadAllBytes(path, MaxBytes), RecordJson.Indented) : null;
            return (earlier?.StartedAt, earlier?.Resumptions ?? []);
        }
        catch (Exception failure) when (failure is JsonException or InvalidDataException)
        {
            return (null, []);
        }
    }

    private sealed record Beginning(DateTimeOffset? StartedAt, IReadOnlyList<RunResumption>? Resumptions);
}
