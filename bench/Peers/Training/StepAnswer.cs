namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>What a side says of a step.</summary>
/// <param name="Loss">Its loss.</param>
/// <param name="Seconds">By the clock.</param>
/// <param name="Processor">Seconds of processors.</param>
/// <param name="Peak">The most bytes that have been resident.</param>
internal sealed record StepAnswer(double Loss, double Seconds, double Processor, long Peak);
