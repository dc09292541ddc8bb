using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>DPO with the Jensen-Shannon divergence: g(x) = log sigmoid(x), but for a constant that falls out.</summary>
internal sealed record JensenShannonLoss : DivergenceLoss
{
    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not at least 0 and below one half.</exception>
    public JensenShannonLoss(double labelSmoothing) : base(labelSmoothing)
    {
    }

    /// <inheritdoc />
    private protected override string FormulaOfG => "log sigmoid(x) (Jensen-Shannon)";

    /// <inheritdoc />
    private protected override Tensor G(Tensor ratio) => nn.functional.logsigmoid(ratio);

    /// <inheritdoc />
    private protected override double G(double ratio) => Math.Min(ratio, 0) - double.LogP1(Math.Exp(-Math.Abs(ratio)));
}
