namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>What <see cref="AdamW"/> can be told; the defaults are torch.optim.AdamW's.</summary>
internal sealed record AdamWOptions
{
    /// <summary>How much of the mean gradient is kept per step.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How much of the mean squared gradient is kept per step.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Keeps the denominator from zero.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>The share of the weights that a step with learning rate 1 would take away.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Throws where a value cannot be used.</summary>
    /// <exception cref="ArgumentException">The message lists every such value.</exception>
    public void Validate() => OptionFaults.Throw("AdamW",
        OptionFaults.UnlessFraction(nameof(Beta1), Beta1),
        OptionFaults.UnlessFraction(nameof(Beta2), Beta2),
        OptionFaults.UnlessPositive(nameof(Epsilon), Epsilon),
        OptionFaults.UnlessNotNegative(nameof(WeightDecay), WeightDecay));
}
