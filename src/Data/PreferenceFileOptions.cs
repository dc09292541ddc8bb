namespace MiniMind.MLNet.Dpo.Data;

/// <summary>How a file of preference pairs is read.</summary>
public sealed class PreferenceFileOptions : JsonlFileOptions
{
    /// <summary>Name of the text column with the preferred conversation.</summary>
    public string ChosenColumnName { get; init; } = ColumnNames.Chosen;

    /// <summary>Name of the text column with the conversation that lost.</summary>
    public string RejectedColumnName { get; init; } = ColumnNames.Rejected;

    /// <inheritdoc/>
    internal override IReadOnlyList<string> ConversationColumnNames => [ChosenColumnName, RejectedColumnName];
}
