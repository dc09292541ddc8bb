namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>Where scores go.</summary>
internal sealed record ScoreFile
{
    /// <summary>A file for the scores, with a JSON object a line; by default they are shown.</summary>
    public string? Output { get; init; }
}
