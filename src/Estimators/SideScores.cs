namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>What scoring gives for one side of a pair.</summary>
/// <param name="LogProb">The policy's log-probability, nats.</param>
/// <param name="Reward">The implicit reward, as the loss has it.</param>
internal readonly record struct SideScores(double LogProb, double Reward);
