namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>Where a run is kept.</summary>
internal sealed record OutputSettings
{
    /// <summary>The run's folder: records, checkpoints, the configuration, and in the end the model.</summary>
    public string? Output { get; init; }

    /// <summary>The forms in which what was trained is saved.</summary>
    public IReadOnlyList<SavedForm> Save { get; init; } = [SavedForm.Folder];
}
