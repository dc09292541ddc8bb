namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A conversation for fine-tuning in any of the shapes that files have.</summary>
/// <remarks>
/// <c>conversations</c> (MiniMind) or <c>messages</c> (TRL) is a whole message list, whatever else the row has; without them
/// <c>prompt</c> and <c>completion</c> make one, each a message list or a string (then the user's and the assistant's message).
/// A row's <c>tools</c> go into its system message, where MiniMind has them.
/// </remarks>
internal sealed class ConversationRow : RowFormat
{
    private readonly RowField _conversations;
    private readonly RowField _messages;
    private readonly RowField _prompt;
    private readonly RowField _completion;

    public ConversationRow(IEnumerable<string> extraNames)
        : this(new("conversations", FieldShape.Messages), new("messages", FieldShape.Messages), new("prompt", FieldShape.TextOrMessages), new("completion", FieldShape.TextOrMessages), extraNames)
    {
    }

    private ConversationRow(RowField conversations, RowField messages, RowField prompt, RowField completion, IEnumerable<string> extraNames)
        : base([conversations, messages, prompt, completion], extraNames)
    {
        (_conversations, _messages, _prompt, _completion) = (conversations, messages, prompt, completion);
    }

    private RowField? Whole => _conversations.Kind != FieldKind.Absent ? _conversations : _messages.Kind != FieldKind.Absent ? _messages : null;

    /// <inheritdoc/>
    public override string Compose(ReadOnlySpan<byte> line, int index)
    {
        Writer.Begin();
        if (Whole is { } whole)
        {
            Add(whole, MessageRole.User, line, opens: true);
        }
        else
        {
            Add(_prompt, MessageRole.User, line, opens: true);
            Add(_completion, MessageRole.Assistant, line, opens: false);
        }
        return Writer.End();
    }

    /// <inheritdoc/>
    protected override void Check(ReadOnlySpan<byte> line, LineLocation at)
    {
        if (_conversations.Kind != FieldKind.Absent && _messages.Kind != FieldKind.Absent)
            throw at.Fault(BadRowReason.RepeatedField, _messages.Name, "the row has both 'conversations' and 'messages'; keep the one that is meant.");
        if (Whole is { } whole)
        {
            AnswerRules.CheckLastTurn(whole, at);
            Tools.Check(whole, line, at);
            return;
        }
        if (_completion.Kind == FieldKind.Absent)
            throw at.Fault(BadRowReason.MissingField, _prompt.Kind == FieldKind.Absent ? _conversations.Name : _completion.Name, $"the row has no conversation: it needs 'conversations', 'messages', or 'prompt' and 'completion', and has {RowReader.NamesIn(line)}.");
        if (_prompt.Kind == FieldKind.Absent || (_prompt.Kind == FieldKind.Text && JsonText.IsBlank(line[_prompt.Json])))
            throw at.Fault(BadRowReason.MissingPrompt, _prompt.Name, $"'prompt' is {(_prompt.Kind == FieldKind.Absent ? "missing" : "empty")}; give what the 'completion' answers.");
        AnswerRules.Check(_completion, line, at);
        Tools.Check(_prompt, line, at);
    }
}
