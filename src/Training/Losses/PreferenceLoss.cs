using System.Globalization;
using System.Text.Json.Serialization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo;

/// <summary>What preference training makes smaller: a function of the log-probabilities that policy and reference give the responses of a batch.</summary>
/// <remarks>
/// The one place that knows a formula: training, evaluations, scoring, guards and records ask the loss. A new one is a record in a file of its own, and a line
/// among the factories in the other file. It is kept with a trained model by its name, the record's without "Loss", and its public properties.
/// </remarks>
[JsonConverter(typeof(PreferenceLossJson))]
public abstract partial record PreferenceLoss
{
    private protected PreferenceLoss()
    {
    }

    /// <summary>What the loss is called in files and messages.</summary>
    internal string Name => NameOf(GetType());

    /// <summary>The beta where the options set none; <see langword="null"/> where the loss has none.</summary>
    internal abstract double? DefaultBeta { get; }

    /// <summary>What the gradient depends on.</summary>
    internal abstract GradientDirection Direction { get; }

    /// <summary>What log-probabilities are reduced to where the options do not say.</summary>
    internal virtual LogProbReduction DefaultReduction => LogProbReduction.Mean;

    /// <summary>The betas that the loss was published with; <see langword="null"/> where nothing is known of that.</summary>
    internal virtual PublishedBeta? Published => null;

    /// <summary>Whether the reference's log-probabilities are in the formula; the options may leave the reference out all the same, as a uniform one.</summary>
    internal virtual bool UsesReference => true;

    /// <summary>Whether the loss is a function of the rewards' difference, from which the margins of the data can be taken.</summary>
    internal virtual bool TakesMargins => false;

    /// <summary>Whether the loss measures each side against the reference, so that none, or a uniform one, makes no sense.</summary>
    internal virtual bool NeedsReference => false;

    /// <summary>What the loss must be told of tokens beyond sums of log-probabilities.</summary>
    internal virtual TokenStatistics Statistics => TokenStatistics.None;

    /// <summary>The losses of a mixture that are measured by themselves, too.</summary>
    internal virtual IReadOnlyList<MixPart> MeasuredParts => [];

    /// <summary>What the loss is measured in.</summary>
    internal virtual string Unit => "nats";

    /// <summary>What a mean margin far above 0 means, as the end of "the mean reward margin is 12, ...".</summary>
    internal virtual string FarMargin => "far more than a preference needs";

    /// <summary>What keeps the chosen responses from becoming unlikely, as the end of "to hold the chosen responses up, ...".</summary>
    internal virtual string ChosenRemedy =>
        "add a supervised term, such as Loss = PreferenceLoss.Mix((0.8, PreferenceLoss.Sigmoid()), (0.2, PreferenceLoss.NegativeLogLikelihood())), " +
        "or use PreferenceLoss.Dpop(), which counts what they lose";

    /// <summary>What a loss of this kind is called.</summary>
    internal static string NameOf(Type kind) => kind.Name.EndsWith("Loss", StringComparison.Ordinal) ? kind.Name[..^"Loss".Length] : kind.Name;

    /// <summary>Whether the loss is one of log-probabilities that were reduced so.</summary>
    internal virtual bool Takes(LogProbReduction reduction) => true;

    /// <summary>The formula and its source in words.</summary>
    /// <param name="withReference">Whether there is a reference.</param>
    internal abstract string Formula(bool withReference);

    /// <summary>The loss where the policy is the reference; <see langword="null"/> where that depends on the pairs.</summary>
    internal abstract LossStart? Start(LossTerms terms);

    /// <summary>The losses of a batch of B pairs: pure, finite wherever the log-probabilities are.</summary>
    /// <returns>(B), in the caller's scope.</returns>
    internal abstract Tensor Losses(PairLogProbs pairs, LossTerms terms);

    /// <summary>
    /// Implicit rewards of S responses: beta * (log pi - log ref), eq. 5 of the DPO paper without the constant of the prompt; beta * log pi of losses without
    /// a reference.
    /// </summary>
    /// <param name="policy">(S), nats, reduced.</param>
    /// <param name="reference">(S), nats, reduced; zero where there is none.</param>
    /// <param name="labels">How many labels count, (S), fp32.</param>
    /// <param name="terms">Beta and reduction.</param>
    /// <returns>(S), without gradient, in the caller's scope.</returns>
    internal virtual Tensor Rewards(Tensor policy, Tensor reference, Tensor labels, LossTerms terms) =>
        (UsesReference ? policy - reference : policy).detach().Mul(terms.Beta); // (S)

    /// <summary>A reward, or a difference of two, as nats per token: the inverse of <see cref="Rewards"/>.</summary>
    /// <param name="reward">The reward.</param>
    /// <param name="terms">Beta and reduction.</param>
    /// <param name="meanTokens">Counted tokens of a response, on average.</param>
    internal virtual double NatsPerToken(double reward, LossTerms terms, double meanTokens) =>
        reward / terms.Beta / (terms.Reduction == LogProbReduction.Sum ? meanTokens : 1);

    /// <summary>The probability that the chosen side is preferred, as the loss models it: Bradley and Terry's, unless a loss says otherwise.</summary>
    internal virtual double Probability(double margin) => 1 / (1 + Math.Exp(-margin));

    /// <summary>The same of the two rewards, for losses in which their difference does not say it.</summary>
    internal virtual double Probability(double chosenReward, double rejectedReward, LossTerms terms) => Probability(chosenReward - rejectedReward);

    /// <summary>What to tell who trains with terms that the loss was not published with.</summary>
    internal virtual IEnumerable<string> Warnings(LossTerms terms) => Published?.Warnings(Name, terms) ?? [];

    /// <summary>The loss of a pair of which only the scores are left; not a number where those do not say enough.</summary>
    /// <remarks>Here of rewards as <see cref="Rewards"/> has them; neither the numbers of labels nor other pairs are known.</remarks>
    internal virtual double OfScores(ScoredPair scores, LossTerms terms)
    {
        if (Direction == GradientDirection.Coupled)
            return double.NaN;
        using DisposeScope scope = NewDisposeScope();
        double[] policy = [scores.ChosenLogProb, scores.RejectedLogProb];
        double[] reference = [scores.ChosenLogProb - scores.ChosenReward / terms.Beta, scores.RejectedLogProb - scores.RejectedReward / terms.Beta];
        float[] unknown = [float.NaN, float.NaN];
        return Losses(new PairLogProbs(tensor(policy), tensor(reference), tensor(unknown)), terms).item<double>(); // (1)
    }

    /// <summary>h of losses of one difference.</summary>
    private protected static string DifferenceText(bool withReference) => withReference
        ? "beta * ((log pi(chosen) - log ref(chosen)) - (log pi(rejected) - log ref(rejected)))"
        : "beta * (log pi(chosen) - log pi(rejected))";

    /// <summary>The cross-entropy of h.</summary>
    private protected static string SmoothedText(double smoothing) => smoothing == 0
        ? "-log sigmoid(h)"
        : string.Create(CultureInfo.InvariantCulture, $"-{1 - smoothing} * log sigmoid(h) - {smoothing} * log sigmoid(-h)");
}
