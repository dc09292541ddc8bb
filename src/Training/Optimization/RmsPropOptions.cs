namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>What <see cref="RmsProp"/> can be told; the defaults are torch.optim.RMSprop's, which the DPO paper used.</summary>
internal sealed record RmsPropOptions
{
    /// <summary>How much of the mean squared gradient is kept per step.</summary>
    public double Alpha { get; init; } = 0.99;

    /// <summary>Keeps the denominator from zero.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>How much of the last step is kept.</summary>
    public double Momentum { get; init; }

    /// <summary>The factor of the weights that is added to their gradients.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Throws where a value cannot be used.</summary>
    /// <exception cref="ArgumentException">The message lists every such value.</exception>
    public void Validate() => OptionFaults.Throw("RmsProp",
        OptionFaults.UnlessFraction(nameof(Alpha), Alpha),
        OptionFaults.UnlessPositive(nameof(Epsilon), Epsilon),
        OptionFaults.UnlessFraction(nameof(Momentum), Momentum),
        OptionFaults.UnlessNotNegative(nameof(WeightDecay), WeightDecay));
}
