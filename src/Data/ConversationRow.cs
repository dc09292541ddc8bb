using System.Text.Json;
using MiniMind.MLNet.Dpo.Data.Shapes;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A conversation for fine-tuning in any of the shapes that files have.</summary>
/// <remarks>
/// In the plain form <c>conversations</c> (MiniMind) or <c>messages</c> (TRL) is a whole message list; without them <c>prompt</c> and
/// <c>completion</c> make one, each a message list or a string (then the user's and the assistant's message). A row's <c>tools</c> go into
/// the message that opens the conversation, as MiniMind has them in the system message. Every other shape is translated into this form.
/// </remarks>
internal class ConversationRow : RowFormat
{
    private readonly ConversationTranslator _translator;
    private readonly RowField _conversations;
    private readonly RowField _messages;
    private readonly RowField _prompt;
    private readonly RowField _completion;
    private readonly RowField[] _verdicts;

    public ConversationRow(ConversationFileOptions options, Action<string, LineLocation>? tookShape = null)
        : this(options, options, nameof(ConversationFileOptions), tookShape)
    {
    }

    /// <param name="options">How conversations are read.</param>
    /// <param name="own">The options that the caller set, which decide about columns.</param>
    /// <param name="name">Their class, for errors.</param>
    /// <param name="tookShape">Told what a line was taken for, whenever that changes.</param>
    protected ConversationRow(ConversationFileOptions options, JsonlFileOptions own, string name, Action<string, LineLocation>? tookShape)
        : this(
            [new("conversations", FieldShape.Messages), new("messages", FieldShape.Messages),
                new("prompt", FieldShape.TextOrMessages), new("completion", FieldShape.TextOrMessages)],
            [.. ConversationTranslator.Verdicts.Select(name => new RowField(name, FieldShape.Any))],
            options,
            own,
            name,
            tookShape)
    {
    }

    private ConversationRow(
        RowField[] fields, RowField[] verdicts, ConversationFileOptions options, JsonlFileOptions own, string name, Action<string, LineLocation>? tookShape)
        : base([.. fields, .. verdicts], own, tookShape)
    {
        (_conversations, _messages, _prompt, _completion) = (fields[0], fields[1], fields[2], fields[3]);
        _verdicts = verdicts;
        _translator = new ConversationTranslator(options, name);
    }

    private RowField? Whole => _conversations.Kind != FieldKind.Absent ? _conversations : _messages.Kind != FieldKind.Absent ? _messages : null;

    /// <inheritdoc/>
    protected override string PlainShape => Whole is { } whole ? $"whole conversations in '{whole.Name}'" : "'prompt' and 'completion' as in TRL";

    /// <inheritdoc/>
    protected override bool NeedsTranslation(ReadOnlySpan<byte> line) => _verdicts.Any(verdict => verdict.IsNamed)
        || (Whole is null ? _prompt.Kind != FieldKind.Messages || _completion.Kind != FieldKind.Messages : _prompt.IsNamed || _completion.IsNamed);

    /// <inheritdoc/>
    protected override Translation Translate(JsonElement root, LineLocation at) => _translator.Translate(root, at);

    /// <inheritdoc/>
    protected override string ComposeRow(ReadOnlySpan<byte> line, int index)
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
        {
            throw at.Fault(BadRowReason.MissingField, _prompt.Kind == FieldKind.Absent ? _conversations.Name : _completion.Name,
                "the row has no conversation: it needs 'conversations', 'messages', or 'prompt' and 'completion', and the row has none of them.");
        }

        if (_prompt.Kind == FieldKind.Absent || (_prompt.Kind == FieldKind.Text && JsonText.IsBlank(line[_prompt.Json])))
        {
            throw at.Fault(BadRowReason.MissingPrompt, _prompt.Name,
                $"'prompt' is {(_prompt.Kind == FieldKind.Absent ? "missing" : "empty")}; give what the 'completion' answers.");
        }

        AnswerRules.Check(_completion, line, at);
        Tools.Check(_prompt, line, at);
    }
}
