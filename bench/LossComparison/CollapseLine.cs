namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>A run that was followed.</summary>
/// <param name="Loss">Its loss, <see cref="ComparedLoss.Name"/>.</param>
/// <param name="Points">From before the first step to the last.</param>
/// <param name="Guards">What guards said.</param>
internal sealed record CollapseLine(string Loss, IReadOnlyList<CollapsePoint> Points, IReadOnlyList<string> Guards);
