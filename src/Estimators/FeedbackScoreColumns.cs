using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo;

/// <summary>Names of the columns that scoring single answers adds.</summary>
public sealed record FeedbackScoreColumns
{
    /// <summary>The policy's log-probability of the answer, summed over its tokens, nats: single.</summary>
    public string LogProb { get; init; } = ColumnNames.LogProb;

    /// <summary>Implicit reward of the answer, beta * (log pi - log ref): single.</summary>
    public string Reward { get; init; } = ColumnNames.Reward;

    /// <summary>Whether the reward is above 0, which a good answer's is to be: boolean.</summary>
    public string PredictedLabel { get; init; } = ColumnNames.PredictedLabel;

    /// <summary>All of them.</summary>
    internal IReadOnlyList<string> All => [LogProb, Reward, PredictedLabel];
}
