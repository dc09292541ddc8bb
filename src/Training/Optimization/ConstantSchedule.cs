namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>Warm-up, then the configured learning rate to the end.</summary>
internal sealed record ConstantSchedule : WarmupSchedule
{
    /// <inheritdoc />
    public override string Name => "constant";

    /// <inheritdoc />
    protected override double ShareAfterWarmup(double progress) => 1;
}
