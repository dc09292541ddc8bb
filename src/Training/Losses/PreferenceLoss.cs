using System.Text.Json.Serialization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo;

/// <summary>What preference training makes smaller: a function of the log-probabilities that policy and reference give the responses of a batch.</summary>
/// <remarks>
/// The one place that knows a formula: training, evaluations, scoring, guards and records ask the loss. A new one is a record in a file of its own, and a line
/// among the factories here. It is kept with a trained model by its name, the record's without "Loss", and its public properties.
/// </remarks>
[JsonConverter(typeof(PreferenceLossJson))]
public abstract record PreferenceLoss
{
    private protected PreferenceLoss()
    {
    }

    /// <summary>DPO's loss, -log sigmoid of the margin (Rafailov et al. 2023, arXiv 2305.18290, eq. 7).</summary>
    /// <param name="labelSmoothing">How often labels are taken to be the wrong way round (conservative DPO, Mitchell 2023): at least 0, below one half.</param>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is not in its range.</exception>
    public static PreferenceLoss Sigmoid(double labelSmoothing = 0) => new SigmoidLoss(labelSmoothing);

    /// <summary>IPO's loss, the squared distance of the log-ratios' difference from 1 / (2 * beta) (Azar et al. 2023, arXiv 2310.12036, eq. 17).</summary>
    /// <remarks>
    /// It goes on to a finite margin where labels leave no doubt. With <see cref="LogProbReduction.Mean"/>, as its authors and TRL have it, the target is one
    /// of
    /// nats per token. The default beta is 0.1.
    /// </remarks>
    public static PreferenceLoss Ipo() => new IpoLoss();

    /// <summary>What the loss is called in files and messages.</summary>
    internal string Name => NameOf(GetType());

    /// <summary>The beta where the options set none; <see langword="null"/> where the loss has none.</summary>
    internal abstract double? DefaultBeta { get; }

    /// <summary>What the gradient depends on.</summary>
    internal abstract GradientDirection Direction { get; }

    /// <summary>Whether the reference's log-probabilities are in the formula; the options may leave the reference out all the same, as a uniform one.</summary>
    internal virtual bool UsesReference => true;

    /// <summary>What the loss is measured in.</summary>
    internal virtual string Unit => "nats";

    /// <summary>What a mean margin far above 0 means, as the end of "the mean reward margin is 12, ...".</summary>
    internal virtual string FarMargin => "far more than a preference needs";

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

    /// <summary>Implicit rewards of S responses: beta * (log pi - log ref), eq. 5 of the DPO paper without the constant of the prompt.</summary>
    /// <param name="policy">(S), nats, reduced.</param>
    /// <param name="reference">(S), nats, reduced; zero where there is none.</param>
    /// <param name="labels">How many labels count, (S), fp32.</param>
    /// <param name="terms">Beta and reduction.</param>
    /// <returns>(S), without gradient, in the caller's scope.</returns>
    internal virtual Tensor Rewards(Tensor policy, Tensor reference, Tensor labels, LossTerms terms) => (policy - reference).detach().Mul(terms.Beta); // (S)

    /// <summary>A reward, or a difference of two, as nats per token: the inverse of <see cref="Rewards"/>.</summary>
    /// <param name="reward">The reward.</param>
    /// <param name="terms">Beta and reduction.</param>
    /// <param name="meanTokens">Counted tokens of a response, on average.</param>
    internal virtual double NatsPerToken(double reward, LossTerms terms, double meanTokens) =>
        reward / terms.Beta / (terms.Reduction == LogProbReduction.Sum ? meanTokens : 1);

    /// <summary>The probability that the chosen side is preferred, as the loss models it: Bradley and Terry's, unless a loss says otherwise.</summary>
    internal virtual double Probability(double margin) => 1 / (1 + Math.Exp(-margin));

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
}
