namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>The learning rate as a function of the step alone, so that a resumed run continues where it was.</summary>
internal abstract record LearningRateSchedule
{
    /// <summary>The name that checkpoints and logs use.</summary>
    public abstract string Name { get; }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">The step, counted from 1.</param>
    /// <param name="totalSteps">How many steps the run has in all.</param>
    /// <param name="peak">The configured learning rate.</param>
    /// <exception cref="ArgumentException">The schedule does not fit the run; see <see cref="Validate"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The step is not one of the run's, or the learning rate is not finite or negative.</exception>
    public double At(long step, long totalSteps, double peak)
    {
        Validate(totalSteps);
        if (step < 1 || step > totalSteps)
            throw new ArgumentOutOfRangeException(nameof(step), step, $"Steps go from 1 to {totalSteps}.");
        if (!double.IsFinite(peak) || peak < 0)
            throw new ArgumentOutOfRangeException(nameof(peak), peak, "The learning rate must be finite and not negative.");
        return peak * Share(step, totalSteps);
    }

    /// <summary>Throws where the schedule cannot be used for a run.</summary>
    /// <param name="totalSteps">How many steps the run has in all.</param>
    /// <exception cref="ArgumentException">The message lists every fault.</exception>
    public void Validate(long totalSteps) =>
        OptionFaults.Throw($"Schedule '{Name}'", [totalSteps < 1 ? $"the run has {totalSteps} steps; it must have at least 1" : null, .. Faults(totalSteps)]);

    /// <summary>The share of the configured learning rate at a step within the run.</summary>
    protected abstract double Share(long step, long totalSteps);

    /// <summary>What is wrong with the options.</summary>
    protected virtual IEnumerable<string?> Faults(long totalSteps) => [];
}
