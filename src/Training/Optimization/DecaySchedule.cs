namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>A schedule that falls from the configured learning rate to a floor.</summary>
internal abstract record DecaySchedule : WarmupSchedule
{
    /// <summary>The share of the configured learning rate that the fall ends at; 0 by default.</summary>
    public double Floor { get; init; }

    /// <inheritdoc />
    protected sealed override double ShareAfterWarmup(double progress) => Floor + (1 - Floor) * Remaining(progress);

    /// <summary>How much of the way down is left: 1 at progress 0, 0 at progress 1.</summary>
    protected abstract double Remaining(double progress);

    /// <inheritdoc />
    protected override IEnumerable<string?> Faults(long totalSteps) =>
        [.. base.Faults(totalSteps), OptionFaults.UnlessFraction(nameof(Floor), Floor)];
}
