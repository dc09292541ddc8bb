namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>What <see cref="Sgd"/> can be told; the defaults are torch.optim.SGD's.</summary>
internal sealed record SgdOptions
{
    /// <summary>How much of the last step is kept.</summary>
    public double Momentum { get; init; }

    /// <summary>The factor of the weights that is added to their gradients.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Throws where a value cannot be used.</summary>
    /// <exception cref="ArgumentException">The message lists every such value.</exception>
    public void Validate() => OptionFaults.Throw("Sgd",
        OptionFaults.UnlessFraction(nameof(Momentum), Momentum),
        OptionFaults.UnlessNotNegative(nameof(WeightDecay), WeightDecay));
}
