namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>When to evaluate, and what follows from it.</summary>
/// <param name="EverySteps">Steps between evaluations; 0 for the start and the end only.</param>
/// <param name="Metric">What early stopping and keeping the best look at.</param>
/// <param name="Patience">Evaluations without an improvement that end the run; 0 for no early stopping.</param>
/// <param name="MinDelta">What an improvement must exceed.</param>
/// <param name="KeepBest">Whether the weights of the best evaluation are returned.</param>
internal sealed record ValidationPlan(int EverySteps, ValidationMetric Metric, int Patience, double MinDelta, bool KeepBest);
