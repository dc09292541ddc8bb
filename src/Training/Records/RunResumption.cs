namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>A process took a run over.</summary>
/// <param name="AfterStep">The finished steps that it found.</param>
/// <param name="At">When.</param>
internal sealed record RunResumption(long AfterStep, DateTimeOffset At);
