namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>What held-out pairs have moved to by a step.</summary>
/// <param name="Step">Finished steps.</param>
/// <param name="Chosen">What the chosen answers have gained, nats per token.</param>
/// <param name="Rejected">What the rejected answers have gained, nats per token.</param>
/// <param name="Accuracy">The share of pairs whose chosen answer has gained more.</param>
internal sealed record CollapsePoint(long Step, double Chosen, double Rejected, double Accuracy);
