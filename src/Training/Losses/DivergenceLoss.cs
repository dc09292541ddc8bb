using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// -(1 - e) log sigmoid(h) - e log sigmoid(-h) with h = beta (g(a) - g(b)): DPO with another divergence than the reverse KL, Wang et al. 2023
/// (arXiv 2309.16240), where g is the derivative of the divergence's f at the ratio of the probabilities. For the reverse KL g(a) = a, which is DPO.
/// </summary>
internal abstract record DivergenceLoss : RatioLoss
{
    /// <summary>In fp32 its exponential is finite.</summary>
    private protected const double MostExponent = 80;

    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not at least 0 and below one half.</exception>
    private protected DivergenceLoss(double labelSmoothing) => LabelSmoothing = SmoothedLabels.Checked(labelSmoothing, nameof(labelSmoothing));

    /// <summary>How often labels are taken to be the wrong way round.</summary>
    public double LabelSmoothing { get; }

    /// <inheritdoc />
    internal override double? DefaultBeta => 0.1;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.01, 1, LogProbReduction.Sum);

    /// <inheritdoc />
    private protected sealed override string FormulaOfRatios =>
        $"{SmoothedText(LabelSmoothing)} with h = beta * (g(a) - g(b)), g(x) = {FormulaOfG},";

    /// <inheritdoc />
    private protected sealed override string Source => "f-DPO, Wang et al. 2023 (arXiv 2309.16240)";

    /// <summary>The formula of g(x).</summary>
    private protected abstract string FormulaOfG { get; }

    /// <inheritdoc />
    internal sealed override LossStart? Start(LossTerms terms) => new(Math.Log(2), "ln 2");

    /// <summary>g of log-ratios.</summary>
    /// <returns>Of the same shape, in the current scope.</returns>
    private protected abstract Tensor G(Tensor ratio);

    /// <summary>g of one log-ratio.</summary>
    private protected abstract double G(double ratio);

    /// <inheritdoc />
    private protected sealed override Tensor Of(Tensor chosen, Tensor rejected, double beta) =>
        LogSigmoid.CrossEntropy((G(chosen) - G(rejected)).Mul(beta), LabelSmoothing); // (B)

    /// <summary>Sigmoid of h.</summary>
    internal sealed override double Probability(double chosenReward, double rejectedReward, LossTerms terms) =>
        Probability(terms.Beta * (G(chosenReward / terms.Beta) - G(rejectedReward / terms.Beta)));
}
