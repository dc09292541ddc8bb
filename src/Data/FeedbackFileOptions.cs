namespace MiniMind.MLNet.Dpo.Data;

/// <summary>How a file of feedback is read: one answer a row, and whether it is a good one.</summary>
public sealed class FeedbackFileOptions : JsonlFileOptions
{
    /// <summary>Name of the text column with the conversation.</summary>
    public string ConversationColumnName { get; init; } = ColumnNames.Conversation;

    /// <summary>Name of the boolean column that says whether the conversation's last answer is a good one.</summary>
    public string LabelColumnName { get; init; } = ColumnNames.Label;

    /// <summary>Name of the row's field with the whole conversation, a message list; null (the default) for the known names.</summary>
    public string? Messages { get; init; }

    /// <summary>Name of the row's field with the answer to the prompt; null (the default) for the known names.</summary>
    public string? Completion { get; init; }

    /// <summary>
    /// Name of the row's field that says whether the answer is a good one; null (the default) for <c>label</c>, <c>kto_tag</c>, <c>feedback</c>,
    /// <c>thumbs</c>, <c>thumb</c> or <c>vote</c>.
    /// </summary>
    public string? Label { get; init; }

    /// <inheritdoc/>
    internal override IEnumerable<(string Option, string? Field)> MappedFields =>
        [.. base.MappedFields, (nameof(Messages), Messages), (nameof(Completion), Completion), (nameof(Label), Label)];

    /// <inheritdoc/>
    internal override IReadOnlyList<string> ConversationColumnNames => [ConversationColumnName];

    /// <inheritdoc/>
    internal override string? LabelOfAnswers => LabelColumnName;

    /// <summary>How the conversations of the rows are read, apart from fields that say how good they are.</summary>
    /// <param name="labels">Those fields.</param>
    internal ConversationFileOptions Conversations(IEnumerable<string> labels) => new()
    {
        Prompt = Prompt, System = System, History = History, Tools = Tools, Messages = Messages, Completion = Completion,
        IgnoredFields = [.. IgnoredFields, .. labels], ExtraColumns = ExtraColumns,
    };

    private protected override IEnumerable<string> MappingFaults() => Messages is null || (Prompt is null && Completion is null)
        ? base.MappingFaults()
        : [.. base.MappingFaults(), $"{nameof(Messages)} names whole conversations, so {nameof(Prompt)} and {nameof(Completion)} cannot act"];
}
