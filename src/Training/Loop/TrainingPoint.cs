namespace MiniMind.MLNet.Dpo.Training;

/// <summary>What was measured over the steps since the last point of the history.</summary>
/// <param name="Step">The last optimizer step of the point, counted from 1.</param>
/// <param name="Epoch">How much of the data has been seen: 1.5 is half of the second pass.</param>
/// <param name="LearningRate">The last step's learning rate.</param>
/// <param name="GradientNorm">The last step's gradient norm before clipping.</param>
/// <param name="Metrics">Averages under the names of <see cref="MetricNames"/>.</param>
/// <param name="Examples">Examples of the point's steps.</param>
/// <param name="Tokens">Their input tokens.</param>
/// <param name="Rows">Rows that the network computed for them.</param>
/// <param name="SkippedSteps">Steps whose gradients were not finite, so that the weights stayed as they were.</param>
/// <param name="Elapsed">Time since the run began, earlier parts of a resumed run included.</param>
public sealed record TrainingPoint(
    long Step, double Epoch, double LearningRate, double GradientNorm, IReadOnlyDictionary<string, double> Metrics,
    long Examples, long Tokens, long Rows, long SkippedSteps, TimeSpan Elapsed);
