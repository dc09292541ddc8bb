namespace MiniMind.MLNet.Dpo;

/// <summary>What a guard found.</summary>
/// <param name="Step">Finished optimizer steps when it was found; 0 before the first.</param>
/// <param name="Guard">Which guard.</param>
/// <param name="Action">What followed.</param>
/// <param name="Message">What was seen, the likely cause, and the remedy.</param>
public sealed record TrainingWarning(long Step, TrainingGuard Guard, GuardAction Action, string Message);
