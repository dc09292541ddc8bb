namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>What a loss is where the policy is the reference.</summary>
/// <param name="Value">Per pair.</param>
/// <param name="Name">How a reader knows it, such as "ln 2".</param>
internal readonly record struct LossStart(double Value, string Name);
