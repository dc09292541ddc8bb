namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>One line of a run's records.</summary>
/// <param name="Step">Finished optimizer steps.</param>
/// <param name="Elapsed">Time since the run began.</param>
/// <param name="At">When it was measured.</param>
/// <param name="Values">What was measured, by name, in the order of the columns.</param>
internal sealed record Measurement(long Step, TimeSpan Elapsed, DateTimeOffset At, IReadOnlyDictionary<string, double> Values);
