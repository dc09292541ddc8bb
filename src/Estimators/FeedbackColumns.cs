using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Estimators;

namespace MiniMind.MLNet.Dpo;

/// <summary>Names of the columns that a trainer on feedback reads.</summary>
public sealed record FeedbackColumns
{
    /// <summary>Input token ids: vector of int32.</summary>
    public string InputIds { get; init; } = ColumnNames.Conversation + "InputIds";

    /// <summary>Labels, the ids that follow: vector of int32.</summary>
    public string Labels { get; init; } = ColumnNames.Conversation + "Labels";

    /// <summary>Loss mask, 0 or 1: vector of single.</summary>
    public string LossMask { get; init; } = ColumnNames.Conversation + "LossMask";

    /// <summary>Tokens of the conversation before it was cut to the maximum length: int32. Need not be there; without it nobody is told what was cut.</summary>
    public string TokenCount { get; init; } = ColumnNames.Conversation + "TokenCount";

    /// <summary>Whether the answer is a good one: boolean. Scoring does not read it.</summary>
    public string IsGood { get; init; } = ColumnNames.Label;

    /// <summary>Line of the row in its file, for messages: int64. Need not be there.</summary>
    public string LineNumber { get; init; } = ColumnNames.LineNumber;

    /// <summary>The columns of the answer's tokens.</summary>
    internal ResponseColumns Response => new(InputIds, Labels, LossMask);

    /// <summary>All of them.</summary>
    internal IReadOnlyList<string> All => [InputIds, Labels, LossMask, TokenCount, IsGood, LineNumber];
}
