namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>What the options say to a loss.</summary>
/// <param name="Beta">How strongly a step away from the reference counts; 1 where the loss has no beta.</param>
/// <param name="Reduction">How the log-probabilities that it is given were made of those of the tokens.</param>
internal readonly record struct LossTerms(double Beta, LogProbReduction Reduction);
