namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>MiniMind's cosine: from the configured learning rate down to a tenth of it, lr * (0.1 + 0.45 * (1 + cos(pi * t / T))).</summary>
internal sealed record MiniMindCosineSchedule : LearningRateSchedule
{
    /// <inheritdoc />
    public override string Name => "minimind-cosine";

    /// <inheritdoc />
    protected override double Share(long step, long totalSteps) => 0.1 + 0.45 * (1 + Math.Cos(Math.PI * step / totalSteps));
}
