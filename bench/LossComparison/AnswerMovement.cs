using MiniMind.MLNet.Dpo.Bench.LearningRates;

namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>How a run moved the answers of held-out pairs, all of it by sums of log-probabilities, so that losses can be compared.</summary>
/// <param name="Right">
/// Of each prompt, the share of pairs whose chosen answer has gained more than the rejected one since the start; the same counts half.
/// </param>
/// <param name="Lead">By how much more the chosen answers have gained, nats, with an interval over prompts.</param>
/// <param name="Own">The share of pairs, by prompt, whose chosen answer is the likelier one by itself.</param>
/// <param name="ChosenPerToken">What the chosen answers have gained, nats per token.</param>
/// <param name="Rejected">What the rejected answers have gained, nats per answer.</param>
internal sealed record AnswerMovement(double[] Right, MeanInterval Lead, double Own, double ChosenPerToken, double Rejected);
