namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>What was added up since the last point of the history, so that a resumed run's next point covers the same steps.</summary>
/// <param name="Sums">Sums of the task's metrics, as the device added them; empty where no step was added.</param>
/// <param name="Weight">What the sums are to be divided by.</param>
/// <param name="Examples">Examples of the steps.</param>
/// <param name="Tokens">Their input tokens.</param>
/// <param name="Rows">Rows that the network computed for them.</param>
/// <param name="Skipped">Steps whose gradients were not finite.</param>
internal sealed record PartialMetrics(double[] Sums, double Weight, long Examples, long Tokens, long Rows, long Skipped);
