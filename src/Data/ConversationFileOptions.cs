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

    /// <summary>
    /// Name of the row's field that says how much the conversation counts, a number of at least 0; null (the default) for none. It becomes the column
    /// <see cref="ColumnNames.Weight"/>, a single, which <see cref="SftTrainer"/> uses.
    /// </summary>
    /// <remarks>A row with a number other than 1 in a field of such a name (<c>weight</c>, <c>sample_weight</c>) is refused where this names no
    /// field.</remarks>
    public string? Weight { get; init; }

    /// <inheritdoc/>
    internal override IEnumerable<(string Option, string? Field)> MappedFields =>
        [.. base.MappedFields, (nameof(Messages), Messages), (nameof(Completion), Completion)];

    /// <inheritdoc/>
    internal override IReadOnlyList<NumberField> NumberFields =>
        Weight is null ? [] : [new NumberField(ColumnNames.Weight, nameof(Weight), Weight) { Least = 0 }];

    /// <inheritdoc/>
    internal override IReadOnlyList<string> ConversationColumnNames => [ConversationColumnName];

    private protected override IEnumerable<string> MappingFaults() => Messages is null || (Prompt is null && Completion is null)
        ? base.MappingFaults()
        : [.. base.MappingFaults(), $"{nameof(Messages)} names whole conversations, so {nameof(Prompt)} and {nameof(Completion)} cannot act"];
}
