using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo;

/// <summary>Names of the columns that scoring adds, each a single but the label, a boolean, and of one that an evaluation reads besides.</summary>
public sealed record ScoreColumns
{
    /// <summary>The policy's log-probability of the chosen response, nats, reduced as in training.</summary>
    public string ChosenLogProb { get; init; } = ColumnNames.ChosenLogProb;

    /// <summary>The policy's log-probability of the rejected response, nats.</summary>
    public string RejectedLogProb { get; init; } = ColumnNames.RejectedLogProb;

    /// <summary>Implicit reward of the chosen response: beta * (log pi - log ref).</summary>
    public string ChosenReward { get; init; } = ColumnNames.ChosenReward;

    /// <summary>Implicit reward of the rejected response.</summary>
    public string RejectedReward { get; init; } = ColumnNames.RejectedReward;

    /// <summary>Reward of the chosen response minus that of the rejected one.</summary>
    public string Margin { get; init; } = ColumnNames.Margin;

    /// <summary>Sigmoid of the margin: the modelled probability that the chosen response is preferred.</summary>
    public string Probability { get; init; } = ColumnNames.Probability;

    /// <summary>Whether the margin is above 0.</summary>
    public string PredictedLabel { get; init; } = ColumnNames.PredictedLabel;

    /// <summary>
    /// How much a pair counts in an evaluation: a number of any type. It is not added, but read where it is there; <see langword="null"/> leaves the weights
    /// out of account.
    /// </summary>
    public string? Weight { get; init; } = ColumnNames.Weight;
}
