using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>DPO with the forward KL divergence: g(x) = -exp(-x).</summary>
internal sealed record ForwardKlLoss : DivergenceLoss
{
    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not at least 0 and below one half.</exception>
    public ForwardKlLoss(double labelSmoothing) : base(labelSmoothing)
    {
    }

    /// <inheritdoc />
    private protected override string FormulaOfG => "-exp(-x) (forward KL)";

    /// <inheritdoc />
    private protected override Tensor G(Tensor ratio) => ratio.neg().ClampMax(MostExponent).exp().neg();

    /// <inheritdoc />
    private protected override double G(double ratio) => -Math.Exp(Math.Min(-ratio, MostExponent));
}
