using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// -log sigmoid(h) of means per token, with a beta made for them: length-normalised DPO as in Tulu 3, Lambert et al. 2024 (arXiv 2411.15124).
/// </summary>
internal sealed record LengthNormalizedSigmoidLoss : MarginLoss
{
    /// <inheritdoc />
    internal override double? DefaultBeta => 5;

    /// <inheritdoc />
    internal override LogProbReduction DefaultReduction => LogProbReduction.Mean;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(1, 50, LogProbReduction.Mean);

    /// <inheritdoc />
    internal override string FarMargin => "where the loss is saturated";

    /// <inheritdoc />
    private protected override string FormulaOfH => "-log sigmoid(h), log-probabilities being means per token,";

    /// <inheritdoc />
    private protected override string Source => "length-normalised DPO, Lambert et al. 2024 (arXiv 2411.15124)";

    /// <inheritdoc />
    internal override bool Takes(LogProbReduction reduction) => reduction == LogProbReduction.Mean;

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(Math.Log(2), "ln 2");

    /// <inheritdoc />
    private protected override Tensor Of(Tensor logits) => LogSigmoid.CrossEntropy(logits, 0); // (B)
}
