namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>What scoring gave of a pair.</summary>
/// <param name="ChosenLogProb">The policy's log-probability of the chosen side, nats, reduced.</param>
/// <param name="RejectedLogProb">That of the rejected side.</param>
/// <param name="ChosenReward">The chosen side's reward.</param>
/// <param name="RejectedReward">The rejected side's.</param>
/// <param name="Margin">Their difference, from before they were rounded.</param>
internal readonly record struct ScoredPair(double ChosenLogProb, double RejectedLogProb, double ChosenReward, double RejectedReward, double Margin);
