using System.Text.Json.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>A loss with what the options say to it: what everything asks that must know of the objective.</summary>
/// <param name="Loss">The formula.</param>
/// <param name="Beta">Its beta; 1 where it has none.</param>
/// <param name="Reduction">How a response's token log-probabilities become one number.</param>
/// <param name="Margin">What the margins of the data ask for; <see langword="null"/> where they have none.</param>
internal sealed record PreferenceObjective(
    PreferenceLoss Loss, double Beta, LogProbReduction Reduction,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PreferenceMargin? Margin = null) : IRewardObjective
{
    private const double SmallMargin = 1e-4;

    private LossTerms Terms => new(Beta, Reduction);

    bool IRewardObjective.HasBeta => Loss.DefaultBeta is not null;

    string IRewardObjective.FarMargin => Loss.FarMargin;

    string IRewardObjective.ChosenRemedy => Loss.ChosenRemedy;

    /// <summary>Whether the loss takes sums of heads and tails.</summary>
    public bool HasTails => Loss.Statistics.HasFlag(TokenStatistics.Tails);

    /// <summary>Whether the loss takes sums of collisions.</summary>
    public bool HasCollisions => Loss.Statistics.HasFlag(TokenStatistics.Collisions);

    /// <summary>What the loss sees of sums, as <see cref="PairTerms"/> has them, in the caller's scope.</summary>
    public PairLogProbs Pairs(Tensor policy, Tensor reference, Tensor labels) => PairTerms.Of(policy, reference, labels, Loss.Statistics, Reduction);

    /// <summary>The sum of the losses of pairs that were kept as rows of <see cref="PairTerms"/>, all of them together.</summary>
    /// <param name="rows">Of each pair.</param>
    /// <param name="weights">How much each counts; <see langword="null"/> for the same.</param>
    /// <param name="offsets">What their margins ask for; <see langword="null"/> where they have none.</param>
    public double SumOf(IReadOnlyList<double[]> rows, double[]? weights = null, double[]? offsets = null)
    {
        if (rows.Count == 0)
            return 0;
        using DisposeScope scope = NewDisposeScope();
        Tensor losses = Losses(PairTerms.Of(rows, Loss.Statistics, Reduction) with { Offsets = offsets is null ? null : tensor(offsets) }); // (B)
        return (weights is null ? losses.sum() : (losses * tensor(weights)).sum()).item<double>();
    }

    /// <summary>The losses of a batch, (B), in the caller's scope.</summary>
    public Tensor Losses(PairLogProbs pairs)
    {
        if (pairs.Offsets is null)
            return Loss.Losses(pairs, Terms);
        using DisposeScope scope = NewDisposeScope();
        return Loss.Losses(pairs.WithOffsetReference(Beta), Terms).MoveToOuterDisposeScope(); // (B)
    }

    /// <summary>The unweighed losses of a mixture's parts, (B) each, in the caller's scope; none where the loss is no mixture.</summary>
    public IEnumerable<Tensor> PartLosses(PairLogProbs pairs) => Loss.MeasuredParts.Select(part => part.Loss.Losses(pairs, Terms));

    /// <summary>Losses and rewards of a batch, in the caller's scope.</summary>
    public PreferenceLosses Of(PairLogProbs pairs)
    {
        using DisposeScope scope = NewDisposeScope();
        long B = pairs.Count;
        Tensor rewards = Rewards(pairs.Policy, pairs.Reference, pairs.Labels); // (2 * B)
        return new PreferenceLosses(
            Losses(pairs).MoveToOuterDisposeScope(), rewards.narrow(0, 0, B).MoveToOuterDisposeScope(), rewards.narrow(0, B, B).MoveToOuterDisposeScope());
    }

    /// <summary>Rewards of S responses, (S), without gradient, in the caller's scope.</summary>
    public Tensor Rewards(Tensor policy, Tensor reference, Tensor labels) => Loss.Rewards(policy, reference, labels, Terms);

    /// <summary>The loss of a scored pair; not a number where the scores do not say enough.</summary>
    public double OfScores(ScoredPair scores) => Loss.OfScores(scores, Terms);

    /// <summary>The loss of a scored pair with an offset; not a number where the scores do not say enough.</summary>
    public double OfScores(ScoredPair scores, double offset) =>
        OfScores(scores with { ChosenReward = scores.ChosenReward - offset, Margin = scores.Margin - offset });

    /// <summary>The loss where the policy is the reference; <see langword="null"/> where that depends on the pairs.</summary>
    public LossStart? Start() => Margin is null ? Loss.Start(Terms) : null;

    /// <summary>By how much the loss changes there with the margin, its size; not a number where scores do not tell the loss.</summary>
    public double StartSlope()
    {
        double At(double margin) => OfScores(new ScoredPair(0, 0, margin / 2, -margin / 2, margin));
        return Math.Abs(At(SmallMargin) - At(-SmallMargin)) / (2 * SmallMargin);
    }

    /// <summary>The probability that the chosen side of a pair is preferred, as the loss models it.</summary>
    public double Probability(double chosenReward, double rejectedReward) => Loss.Probability(chosenReward, rejectedReward, Terms);

    /// <summary>What to tell who trains with these terms, where the loss was published with others.</summary>
    public IEnumerable<string> Warnings() => Loss.Warnings(Terms);

    /// <summary>A reward, or a difference of two, as nats per token.</summary>
    public double NatsPerToken(double reward, double meanTokens) => Loss.NatsPerToken(reward, Terms, meanTokens);
}
