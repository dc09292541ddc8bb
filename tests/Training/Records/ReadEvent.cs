namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

/// <summary>An event as TensorBoard's readers would see it.</summary>
internal sealed record ReadEvent(double WallTime, long Step, string? FileVersion, int? SessionStatus, IReadOnlyDictionary<string, float> Scalars);
