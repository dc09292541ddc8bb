using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>DPO with an alpha divergence: g(x) = exp((alpha - 1) x) / (alpha - 1), which goes from the forward KL's at 0 to DPO's own, x, at 1.</summary>
internal sealed record AlphaDivergenceLoss : DivergenceLoss
{
    private const double NearOne = 1e-6;

    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Alpha is not at least 0 and finite, or the label smoothing not at least 0 and below one half.</exception>
    public AlphaDivergenceLoss(double alpha, double labelSmoothing) : base(labelSmoothing)
    {
        if (!(alpha >= 0 && double.IsFinite(alpha)))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "Alpha must be at least 0 and finite.");
        Alpha = alpha;
    }

    /// <summary>Which of the divergences.</summary>
    public double Alpha { get; }

    private bool IsPlain => Math.Abs(Alpha - 1) < NearOne;

    /// <inheritdoc />
    private protected override string FormulaOfG =>
        string.Create(CultureInfo.InvariantCulture, $"{(IsPlain ? "x" : $"exp(({Alpha} - 1) * x) / ({Alpha} - 1)")} (alpha divergence)");

    /// <inheritdoc />
    private protected override Tensor G(Tensor ratio) => IsPlain ? ratio : ratio.Mul(Alpha - 1).ClampMax(MostExponent).exp().Mul(1 / (Alpha - 1));

    /// <inheritdoc />
    private protected override double G(double ratio) => IsPlain ? ratio : Math.Exp(Math.Min((Alpha - 1) * ratio, MostExponent)) / (Alpha - 1);
}
