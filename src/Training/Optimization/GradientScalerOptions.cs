namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>What <see cref="GradientScaler"/> can be told; the defaults are torch.amp.GradScaler's.</summary>
internal sealed record GradientScalerOptions
{
    /// <summary>The scale to start with.</summary>
    public double InitialScale { get; init; } = 65536;

    /// <summary>What the scale is multiplied by after <see cref="GrowthInterval"/> steps without overflow.</summary>
    public double GrowthFactor { get; init; } = 2;

    /// <summary>What the scale is multiplied by after an overflow.</summary>
    public double BackoffFactor { get; init; } = 0.5;

    /// <summary>How many steps without overflow it takes to grow.</summary>
    public int GrowthInterval { get; init; } = 2000;

    /// <summary>Throws where a value cannot be used.</summary>
    /// <exception cref="ArgumentException">The message lists every such value.</exception>
    public void Validate() => OptionFaults.Throw("GradientScaler",
        OptionFaults.UnlessPositive(nameof(InitialScale), (float)InitialScale),
        OptionFaults.UnlessAboveOne(nameof(GrowthFactor), GrowthFactor),
        BackoffFactor == 0 ? OptionFaults.UnlessPositive(nameof(BackoffFactor), BackoffFactor)
            : OptionFaults.UnlessFraction(nameof(BackoffFactor), BackoffFactor),
        OptionFaults.UnlessPositive(nameof(GrowthInterval), GrowthInterval));
}
