namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>Warm-up, then a straight line down to the floor.</summary>
internal sealed record LinearSchedule : DecaySchedule
{
    /// <inheritdoc />
    public override string Name => "linear";

    /// <inheritdoc />
    protected override double Remaining(double progress) => 1 - progress;
}
