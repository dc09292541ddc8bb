using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// -log sigmoid(beta (a - b - l max(0, -a))): DPO-positive, Pal et al. 2024 (arXiv 2402.13228), eq. 3, whose penalty l keeps the chosen side from falling
/// below the reference.
/// </summary>
internal sealed record DpopLoss : RatioLoss
{
    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The penalty is not at least 0 and finite.</exception>
    public DpopLoss(double penalty)
    {
        if (!(penalty >= 0 && double.IsFinite(penalty)))
            throw new ArgumentOutOfRangeException(nameof(penalty), penalty, "The penalty must be at least 0 and finite.");
        Penalty = penalty;
    }

    /// <summary>l: how much a nat that the chosen side has lost counts.</summary>
    public double Penalty { get; }

    /// <inheritdoc />
    internal override double? DefaultBeta => 0.3;

    /// <inheritdoc />
    internal override PublishedBeta? Published => new(0.03, 3, LogProbReduction.Sum);

    /// <inheritdoc />
    internal override string ChosenRemedy => string.Create(CultureInfo.InvariantCulture, $"raise the penalty of PreferenceLoss.Dpop above {Penalty}");

    /// <inheritdoc />
    private protected override string FormulaOfRatios =>
        string.Create(CultureInfo.InvariantCulture, $"-log sigmoid(beta * (a - b - {Penalty} * max(0, -a)))");

    /// <inheritdoc />
    private protected override string Source => "DPOP, Pal et al. 2024 (arXiv 2402.13228) eq. 3";

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => new(Math.Log(2), "ln 2");

    /// <inheritdoc />
    private protected override Tensor Of(Tensor chosen, Tensor rejected, double beta)
    {
        Tensor lost = nn.functional.relu(chosen.neg()); // (B)
        return LogSigmoid.CrossEntropy((chosen - rejected - lost.Mul(Penalty)).Mul(beta), 0); // (B)
    }
}
