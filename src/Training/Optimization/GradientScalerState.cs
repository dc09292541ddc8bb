namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>What a checkpoint keeps of a <see cref="GradientScaler"/>.</summary>
/// <param name="Scale">The current scale.</param>
/// <param name="GrowthTracker">Steps without overflow since the scale last changed.</param>
/// <param name="SkippedSteps">Steps skipped so far because gradients overflowed.</param>
internal sealed record GradientScalerState(float Scale, int GrowthTracker, long SkippedSteps);
