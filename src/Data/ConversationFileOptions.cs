namespace MiniMind.MLNet.Dpo.Data;

/// <summary>How a file of conversations for fine-tuning is read.</summary>
public sealed class ConversationFileOptions : JsonlFileOptions
{
    /// <summary>Name of the text column with the conversation.</summary>
    public string ConversationColumnName { get; init; } = ColumnNames.Conversation;

    /// <inheritdoc/>
    internal override IReadOnlyList<string> ConversationColumnNames => [ConversationColumnName];
}
