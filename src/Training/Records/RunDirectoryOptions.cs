namespace MiniMind.MLNet.Dpo;

/// <summary>Where a training run writes its records, and which.</summary>
/// <remarks>
/// A folder holds the records of one run: fitting anew replaces them, resuming cuts them back to the step it resumes from and goes on.
/// If the disk is full, training goes on and says so once; what could not be written follows as soon as there is room.
/// </remarks>
public sealed class RunDirectoryOptions
{
    /// <summary>Measurements between two drawings of the curves where <see cref="CurvesInterval"/> is not set.</summary>
    internal const int DefaultCurvesInterval = 10;

    /// <summary>The folder; made if it is not there. Required.</summary>
    public required string Folder { get; init; }

    /// <summary>The files to write; all by default.</summary>
    public RunFiles Files { get; init; } = RunFiles.All;

    /// <summary>Measurements between two drawings of <c>curves.svg</c>, which is also drawn at the end; <see langword="null"/> for ten.</summary>
    public int? CurvesInterval { get; init; }

    /// <summary>The folder's own name, which is the run's in TensorBoard, telemetry and curves.</summary>
    internal string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));

    /// <summary>What is wrong with the options.</summary>
    internal IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Folder))
            yield return $"{nameof(Folder)} is empty; it must name the folder for the records";
        if (Files == RunFiles.None || (Files & ~RunFiles.All) != 0)
            yield return $"{nameof(Files)} is {Files}; it must name at least one of {RunFiles.All}";
        if (Files.HasFlag(RunFiles.Report) && !Files.HasFlag(RunFiles.RunJson))
            yield return $"{nameof(Files)} has {RunFiles.Report}, which is made of {RunFiles.RunJson}, but not that";
        if (CurvesInterval < 1)
            yield return $"{nameof(CurvesInterval)} is {CurvesInterval}; it must be at least 1";
        if (CurvesInterval is not null && !Files.HasFlag(RunFiles.Curves))
            yield return $"{nameof(CurvesInterval)} is set, but {nameof(Files)} has no {RunFiles.Curves}";
    }
}
