namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>What scoring gives for one side of a pair.</summary>
/// <param name="LogProb">The policy's log-probability, nats.</param>
/// <param name="Reward">Beta times the difference to the reference.</param>
internal readonly record struct SideScores(double LogProb, double Reward);
