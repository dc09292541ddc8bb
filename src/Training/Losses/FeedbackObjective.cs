using System.Text.Json.Serialization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>A loss of single answers with what the options say to it; r is log pi - log ref of an answer, summed, nats.</summary>
/// <param name="HasBaseline">Whether r is measured from the baseline z.</param>
/// <param name="Beta">How strongly a step away from the reference counts.</param>
/// <param name="DesirableWeight">What a good answer's term is multiplied by.</param>
/// <param name="UndesirableWeight">What a bad answer's term is multiplied by.</param>
internal sealed record FeedbackObjective(bool HasBaseline, double Beta, double DesirableWeight, double UndesirableWeight) : IRewardObjective
{
    private const double StartOfTerm = 0.5; // 1 - sigmoid(0)
    private const double SlopeOfTerm = 0.25; // of sigmoid at 0

    bool IRewardObjective.HasBeta => true;

    string IRewardObjective.FarMargin => "where the loss is saturated";

    string IRewardObjective.ChosenRemedy => "raise DesirableWeight, add good answers, or fine-tune on the good ones with SftTrainer before";

    /// <summary>The losses of B answers, (B), fp64, in the caller's scope.</summary>
    /// <param name="ratios">r, (B), fp64.</param>
    /// <param name="good">1 for a good answer, 0 for a bad one, (B), fp64.</param>
    /// <param name="baseline">z, nats, (), fp64; read where there is a baseline.</param>
    public Tensor Losses(Tensor ratios, Tensor good, Tensor? baseline)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sign = good.Mul(2.0).Sub(1), weight = good.Mul(DesirableWeight - UndesirableWeight).Add(UndesirableWeight); // (B)
        Tensor distance = HasBaseline ? ratios - baseline! : ratios; // (B)
        return (weight * (sign * distance).Mul(-Beta).sigmoid()).MoveToOuterDisposeScope();
    }

    /// <summary>The loss of one answer.</summary>
    /// <param name="ratio">r, nats.</param>
    /// <param name="isGood">Whether it is a good one.</param>
    /// <param name="baseline">z, nats.</param>
    public double Loss(double ratio, bool isGood, double baseline)
    {
        double distance = Beta * (ratio - (HasBaseline ? baseline : 0));
        return isGood ? DesirableWeight * Sigmoid(-distance) : UndesirableWeight * Sigmoid(distance);
    }

    /// <inheritdoc />
    LossStart? IRewardObjective.Start() => DesirableWeight != UndesirableWeight ? null // how many good answers a step has decides
        : new LossStart(DesirableWeight * StartOfTerm, DesirableWeight == 1 ? "1/2" : "half of the weights");

    /// <inheritdoc />
    /// <remarks>With as many good as bad answers, each of which has half of the margin.</remarks>
    double IRewardObjective.StartSlope() => SlopeOfTerm * (DesirableWeight + UndesirableWeight) / 2 / 2;

    /// <inheritdoc />
    double IRewardObjective.NatsPerToken(double reward, double meanTokens) => reward / Beta / meanTokens;

    /// <summary>What the loss is, for the records of a run.</summary>
    [JsonIgnore]
    public string Formula => HasBaseline
        ? "mean of weight * (1 - sigmoid(beta (r - z))) over good and weight * (1 - sigmoid(beta (z - r))) over bad answers, r = sum log pi - sum log ref; " +
          "z = max(0, mean r of the step's prompts with answers to other prompts), without gradient; KTO, Ethayarajh et al. 2024 (arXiv 2402.01306)"
        : "mean of weight * (1 - sigmoid(beta r)) over good and weight * sigmoid(beta r) over bad answers, r = sum log pi - sum log ref; unpaired APO-zero, " +
          "D'Oosterlinck et al. 2024 (arXiv 2408.06266)";

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
