namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Names of training metrics: TRL's, so that existing dashboards read them.</summary>
public static class MetricNames
{
    /// <summary>The loss that is minimised, averaged per pair (DPO) or per token (SFT), load balancing included.</summary>
    public const string Loss = "loss";

    /// <summary>Load-balancing loss of a mixture-of-experts model.</summary>
    public const string AuxiliaryLoss = "aux_loss";

    /// <summary>Mean implicit reward of the chosen sides: beta * (log pi - log ref).</summary>
    public const string ChosenReward = "rewards/chosen";

    /// <summary>Mean implicit reward of the rejected sides.</summary>
    public const string RejectedReward = "rewards/rejected";

    /// <summary>Share of pairs whose chosen side has the higher reward; a tie counts half, as by chance.</summary>
    public const string Accuracy = "rewards/accuracies";

    /// <summary>Mean difference of the two rewards.</summary>
    public const string Margin = "rewards/margins";

    /// <summary>Mean log-probability of the chosen sides under the policy, nats, reduced as in the loss.</summary>
    public const string ChosenLogProb = "logps/chosen";

    /// <summary>Mean log-probability of the rejected sides under the policy, nats.</summary>
    public const string RejectedLogProb = "logps/rejected";

    /// <summary>Lower end of the accuracy's 95% Wilson score interval; evaluations only.</summary>
    public const string AccuracyLower = "rewards/accuracies_lower";

    /// <summary>Upper end of the accuracy's 95% Wilson score interval; evaluations only.</summary>
    public const string AccuracyUpper = "rewards/accuracies_upper";

    /// <summary>Estimated KL divergence of the policy from the reference, nats per response token; evaluations only.</summary>
    public const string KlDivergence = "kl";

    /// <summary>
    /// The baseline z of KTO, nats: the mean log-ratio of prompts with answers to other prompts, at least 0; in runs on feedback, where
    /// <see cref="ChosenReward"/> and <see cref="ChosenLogProb"/> are those of good answers, <see cref="RejectedReward"/> and
    /// <see cref="RejectedLogProb"/> those of bad ones, <see cref="Margin"/> the difference of the two means, and <see cref="Accuracy"/> the share of answers
    /// whose reward has the sign of their label.
    /// </summary>
    public const string Baseline = "kl_baseline";

    /// <summary>Share of good answers among those measured; runs on feedback only.</summary>
    public const string GoodShare = "good_share";

    /// <summary>
    /// The probability that a good answer has a higher reward than a bad one, a tie counted half: the area under the ROC curve; evaluations on feedback only.
    /// </summary>
    public const string RocArea = "rewards/auc";

    /// <summary>Exponential of the loss per token; evaluations of supervised runs only.</summary>
    public const string Perplexity = "perplexity";

    /// <summary>Mean length of greedy answers to validation prompts, tokens; evaluations only.</summary>
    public const string ResponseLength = "response_length";

    /// <summary>What names of evaluations begin with: <c>eval_loss</c>, <c>eval_rewards/accuracies</c>.</summary>
    public const string EvaluationPrefix = "eval_";

    /// <summary>
    /// What names of a mixture's parts begin with; its place, from 1, and name follow, such as <c>loss/2_NegativeLogLikelihood</c>. They are measured without
    /// their weights.
    /// </summary>
    public const string PartPrefix = "loss/";

    /// <summary>The last step's learning rate.</summary>
    public const string LearningRate = "learning_rate";

    /// <summary>The last step's gradient norm before clipping.</summary>
    public const string GradientNorm = "grad_norm";

    /// <summary>How much of the data has been seen: 1.5 is half of the second pass.</summary>
    public const string Epoch = "epoch";

    /// <summary>Input tokens since the run began, padding not counted.</summary>
    public const string TokenCount = "num_tokens";

    /// <summary>Pairs (or conversations) per second since the last measurement.</summary>
    public const string SamplesPerSecond = "samples_per_second";

    /// <summary>Input tokens per second since the last measurement, padding not counted and shared prompts counted for both sides.</summary>
    public const string TokensPerSecond = "tokens_per_second";

    /// <summary>How long an evaluation took, seconds; evaluations only.</summary>
    public const string Runtime = "runtime";

    /// <summary>Share of the network's rows that were padding.</summary>
    public const string PaddingShare = "padding_share";

    /// <summary>Steps since the last measurement whose gradients were not finite, so that the weights stayed as they were.</summary>
    public const string SkippedSteps = "skipped_steps";

    /// <summary>Resident memory of the process, bytes.</summary>
    public const string ResidentBytes = "resident_bytes";

    /// <summary>The name of a mixture's part.</summary>
    /// <param name="place">Its place in the mixture, from 0.</param>
    /// <param name="loss">Its name.</param>
    internal static string OfPart(int place, string loss) => FormattableString.Invariant($"{PartPrefix}{place + 1}_{loss}");
}
