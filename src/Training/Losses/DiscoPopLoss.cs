using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// m exp(-h) - (1 - m) log sigmoid(h) with m = sigmoid(h / t): the log-ratio modulated loss that a search by language models found, Lu et al. 2024
/// (arXiv 2406.08414), eq. 5.
/// </summary>
internal sealed record DiscoPopLoss : MarginLoss
{
    private const double MostExponent = 80; // in fp32 its exponential is finite

    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is not above 0 and finite.</exception>
    public DiscoPopLoss(double temperature)
    {
        if (!(temperature > 0 && double.IsFinite(temperature)))
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "The temperature must be above 0 and finite.");
        Temperature = temperature;
    }

    /// <summary>t: how sharply the two parts are told apart by the sign of h.</summary>
    public double Temperature { get; }

    /// <inheritdoc />
    internal override double? DefaultBeta => 0.05;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.01, 0.5, LogProbReduction.Sum);

    /// <inheritdoc />
    internal override GradientDirection Direction => GradientDirection.Free; // at a margin of 0 some temperatures have no gradient

    /// <inheritdoc />
    private protected override string FormulaOfH =>
        string.Create(CultureInfo.InvariantCulture, $"m exp(-h) - (1 - m) log sigmoid(h) with m = sigmoid(h / {Temperature})");

    /// <inheritdoc />
    private protected override string Source => "DiscoPOP, Lu et al. 2024 (arXiv 2406.08414) eq. 5";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new((1 + Math.Log(2)) / 2, "(1 + ln 2) / 2");

    /// <inheritdoc />
    private protected override Tensor Of(Tensor logits)
    {
        Tensor scaled = logits.Mul(1 / Temperature); // (B)
        Tensor exponential = (nn.functional.logsigmoid(scaled) - logits).ClampMax(MostExponent).exp(); // (B): m exp(-h), of which neither factor overflows
        return exponential - scaled.neg().sigmoid() * nn.functional.logsigmoid(logits); // (B)
    }
}
