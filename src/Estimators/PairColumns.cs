using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo;

/// <summary>Names of the columns that a preference trainer reads.</summary>
public sealed record PairColumns
{
    /// <summary>Input token ids of the chosen side: vector of int32.</summary>
    public string ChosenInputIds { get; init; } = ColumnNames.ChosenInputIds;

    /// <summary>Labels of the chosen side: vector of int32.</summary>
    public string ChosenLabels { get; init; } = ColumnNames.ChosenLabels;

    /// <summary>Loss mask of the chosen side, 0 or 1: vector of single.</summary>
    public string ChosenLossMask { get; init; } = ColumnNames.ChosenLossMask;

    /// <summary>Input token ids of the rejected side: vector of int32.</summary>
    public string RejectedInputIds { get; init; } = ColumnNames.RejectedInputIds;

    /// <summary>Labels of the rejected side: vector of int32.</summary>
    public string RejectedLabels { get; init; } = ColumnNames.RejectedLabels;

    /// <summary>Loss mask of the rejected side, 0 or 1: vector of single.</summary>
    public string RejectedLossMask { get; init; } = ColumnNames.RejectedLossMask;

    /// <summary>Tokens of the chosen side before it was cut to the maximum length: int32. Need not be there; without it nobody is told what was cut.</summary>
    public string ChosenTokenCount { get; init; } = ColumnNames.ChosenTokenCount;

    /// <summary>Tokens of the rejected side before it was cut to the maximum length: int32. Need not be there.</summary>
    public string RejectedTokenCount { get; init; } = ColumnNames.RejectedTokenCount;

    /// <summary>Line of the pair in its file, for messages: int64. Need not be there.</summary>
    public string LineNumber { get; init; } = ColumnNames.LineNumber;

    /// <summary>
    /// How much a pair counts, a number of any type: 2 is the row twice, 0 the row left out. It is used where it is there, and need not be there under its
    /// default name; <see langword="null"/> leaves the weights out of account.
    /// </summary>
    public string? Weight { get; init; } = ColumnNames.Weight;

    /// <summary>
    /// How far a pair's answers are apart, a number of any type, for <see cref="DpoTrainer.Options.Margin"/>, without which it is refused where it is there;
    /// <see langword="null"/> leaves the margins out of account. A column of margins that a model gave is none.
    /// </summary>
    public string? Margin { get; init; } = ColumnNames.Margin;
}
