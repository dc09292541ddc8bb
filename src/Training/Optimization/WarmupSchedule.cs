namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>A schedule that begins with a linear rise to the configured learning rate.</summary>
/// <remarks>Equal to transformers' <c>get_*_schedule_with_warmup</c> at index step - 1: with a warm-up, the first step has learning rate 0.</remarks>
internal abstract record WarmupSchedule : LearningRateSchedule
{
    /// <summary>How many steps the rise takes; fewer than the run has.</summary>
    public long WarmupSteps { get; init; }

    /// <inheritdoc />
    protected sealed override double Share(long step, long totalSteps)
    {
        long done = step - 1;
        return done < WarmupSteps
            ? (double)done / WarmupSteps
            : ShareAfterWarmup((double)(done - WarmupSteps) / (totalSteps - WarmupSteps));
    }

    /// <summary>The share of the configured learning rate after the rise.</summary>
    /// <param name="progress">From 0, the first step after the rise, to 1, the step that would follow the last.</param>
    protected abstract double ShareAfterWarmup(double progress);

    /// <inheritdoc />
    protected override IEnumerable<string?> Faults(long totalSteps)
    {
        if (WarmupSteps < 0 || (totalSteps >= 1 && WarmupSteps >= totalSteps))
            yield return $"{nameof(WarmupSteps)} is {WarmupSteps}; it must be at least 0 and below the run's {totalSteps} steps";
    }
}
