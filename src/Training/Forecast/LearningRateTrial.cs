namespace MiniMind.MLNet.Dpo;

/// <summary>A few optimizer steps on a copy of the model, and what a whole run with the learning rate they stand for would come to.</summary>
/// <param name="Rate">The peak learning rate of the run that the trial stands for.</param>
/// <param name="StepRate">The learning rate of the trial's own steps: they make up in size for what they lack in number.</param>
/// <param name="Steps">The steps that were taken; fewer than asked for where gradients were not finite.</param>
/// <param name="MarginChange">By how much the mean reward margin of the held-out pairs grew.</param>
/// <param name="MarginError">The standard error of that mean.</param>
/// <param name="ChosenChange">By how much the chosen side's log-probability grew, nats per token; below 0 where it fell.</param>
/// <param name="PredictedMargin">The margin's growth over the planned run.</param>
/// <param name="PredictedMarginError">Its standard error.</param>
/// <param name="PredictedChosen">The chosen side's growth over the planned run, nats per token.</param>
/// <param name="Verdict">What follows.</param>
public sealed record LearningRateTrial(
    double Rate, double StepRate, int Steps, double MarginChange, double MarginError, double ChosenChange, double PredictedMargin,
    double PredictedMarginError, double PredictedChosen, LearningRateVerdict Verdict);
