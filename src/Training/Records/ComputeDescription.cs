namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Where a run computes, as run records show it.</summary>
/// <param name="Device">The device.</param>
/// <param name="Precision">The element type of matrix products.</param>
/// <param name="Threads">libtorch's CPU threads.</param>
/// <param name="Processes">How many processes train together.</param>
internal sealed record ComputeDescription(string Device, string Precision, int Threads, int Processes);
