namespace MiniMind.MLNet.Dpo.Data;

/// <summary>How a file of conversations for fine-tuning is read.</summary>
public sealed class ConversationFileOptions : JsonlFileOptions
{
    /// <summary>Name of the text column with the conversation.</summary>
    public string ConversationColumnName { get; init; } = ColumnNames.Conversation;

    /// <summary>Name of the row's field with the whole conversation, a message list; null (the default) for the known names.</summary>
    public string? Messages { get; init; }

    /// <summary>Name of the row's field with the answer to the prompt; null (the default) for the known names.</summary>
    public string? Completion { get; init; }

    /// <inheritdoc/>
    internal override IEnumerable<(string Option, string? Field)> MappedFields =>
        [.. base.MappedFields, (nameof(Messages), Messages), (nameof(Completion), Completion)];

    /// <inheritdoc/>
    internal override IReadOnlyList<string> ConversationColumnNames => [ConversationColumnName];

    private protected override IEnumerable<string> MappingFaults() => Messages is null || (Prompt is null && Completion is null)
        ? base.MappingFaults()
        : [.. base.MappingFaults(), $"{nameof(Messages)} names whole conversations, so {nameof(Prompt)} and {nameof(Completion)} cannot act"];
}
