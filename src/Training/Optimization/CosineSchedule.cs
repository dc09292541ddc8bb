namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>Warm-up, then half a cosine wave down to the floor.</summary>
internal sealed record CosineSchedule : DecaySchedule
{
    /// <inheritdoc />
    public override string Name => "cosine";

    /// <inheritdoc />
    protected override double Remaining(double progress) => 0.5 * (1 + Math.Cos(Math.PI * progress));
}
