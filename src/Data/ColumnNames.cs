
namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Default column names of the pipeline, from the rows of a file to the scores of a pair.</summary>
public static class ColumnNames
{
    /// <summary>The preferred conversation, prompt included: text, a JSON message list.</summary>
    public const string Chosen = "Chosen";

    /// <summary>The conversation that lost, prompt included: text, a JSON message list.</summary>
    public const string Rejected = "Rejected";

    /// <summary>One conversation of a fine-tuning file: text, a JSON message list.</summary>
    public const string Conversation = "Conversation";

    /// <summary>Whether the answer of a row of feedback is a good one: boolean.</summary>
    public const string Label = "Label";

    /// <summary>The policy's log-probability of a single response, in nats: single.</summary>
    public const string LogProb = "LogProb";

    /// <summary>Implicit reward of a single response: single.</summary>
    public const string Reward = "Reward";

    /// <summary>The line of the file in which a row begins (in Parquet, which has no lines, the row), counted from 1: int64.</summary>
    public const string LineNumber = "LineNumber";

    /// <summary>How much a pair counts: a number, in files' views single.</summary>
    public const string Weight = "Weight";

    /// <summary>The preferred conversation as the chat template renders it: text.</summary>
    public const string ChosenText = "ChosenText";

    /// <summary>The conversation that lost as the chat template renders it: text.</summary>
    public const string RejectedText = "RejectedText";

    /// <summary>Token ids of the preferred conversation: vector of int32.</summary>
    public const string ChosenTokens = "ChosenTokens";

    /// <summary>Token ids of the conversation that lost: vector of int32.</summary>
    public const string RejectedTokens = "RejectedTokens";

    /// <summary>How many tokens the preferred conversation had before it was cut: int32.</summary>
    public const string ChosenTokenCount = "ChosenTokenCount";

    /// <summary>How many tokens the conversation that lost had before it was cut: int32.</summary>
    public const string RejectedTokenCount = "RejectedTokenCount";

    /// <summary>1 on the response tokens of the preferred conversation, 0 elsewhere: vector of single.</summary>
    public const string ChosenMask = "ChosenMask";

    /// <summary>1 on the response tokens of the conversation that lost, 0 elsewhere: vector of single.</summary>
    public const string RejectedMask = "RejectedMask";

    /// <summary>What the model reads of the preferred conversation, its ids without the last: vector of int32.</summary>
    public const string ChosenInputIds = "ChosenInputIds";

    /// <summary>What the model reads of the conversation that lost, its ids without the last: vector of int32.</summary>
    public const string RejectedInputIds = "RejectedInputIds";

    /// <summary>What the model is to predict of the preferred conversation, its ids without the first: vector of int32.</summary>
    public const string ChosenLabels = "ChosenLabels";

    /// <summary>What the model is to predict of the conversation that lost, its ids without the first: vector of int32.</summary>
    public const string RejectedLabels = "RejectedLabels";

    /// <summary>The response mask aligned with <see cref="ChosenLabels"/>: vector of single.</summary>
    public const string ChosenLossMask = "ChosenLossMask";

    /// <summary>The response mask aligned with <see cref="RejectedLabels"/>: vector of single.</summary>
    public const string RejectedLossMask = "RejectedLossMask";

    /// <summary>The policy's log-probability of the preferred response, in nats: single.</summary>
    public const string ChosenLogProb = "ChosenLogProb";

    /// <summary>The policy's log-probability of the response that lost, in nats: single.</summary>
    public const string RejectedLogProb = "RejectedLogProb";

    /// <summary>Implicit reward of the preferred response: single.</summary>
    public const string ChosenReward = "ChosenReward";

    /// <summary>Implicit reward of the response that lost: single.</summary>
    public const string RejectedReward = "RejectedReward";

    /// <summary>
    /// Of scored pairs the reward of the preferred response minus that of the other: single. Of pairs to train on how far their answers are apart, as somebody
    /// judged them: a number, in files' views single.
    /// </summary>
    public const string Margin = "Margin";

    /// <summary>Probability that the preferred response is preferred, as the loss models it (for the sigmoid loss, sigmoid of the margin): single.</summary>
    public const string Probability = "Probability";

    /// <summary>Whether the model prefers the chosen response: boolean.</summary>
    public const string PredictedLabel = "PredictedLabel";

    /// <summary>What the loss takes of a scored pair: vector of double.</summary>
    public const string LossTerms = "LossTerms";
}
