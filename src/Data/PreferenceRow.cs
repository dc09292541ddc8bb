using System.Text.Json;
using MiniMind.MLNet.Dpo.Data.Shapes;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A preference pair in any of the shapes that files have.</summary>
/// <remarks>
/// In the plain form <c>chosen</c> and <c>rejected</c> are both message lists or both strings; <c>prompt</c> is a message list, a string, or
/// absent. Strings become messages: the prompt the user's, each answer the assistant's, not a character changed. Without a <c>prompt</c>,
/// message lists are whole conversations, and strings are divided where they part (<see cref="ImplicitPrompt"/>). A <c>prompt</c>
/// beside conversations that hold it already is not repeated. A row's <c>tools</c> go into the message that opens its conversations,
/// as MiniMind has them in the system message. Every other shape is one of <see cref="AnswerShapes"/> and <see cref="PromptShapes"/>.
/// </remarks>
internal sealed class PreferenceRow : RowFormat
{
    public const int Chosen = 0;
    public const int Rejected = 1;

    private const int LongestTypeName = 100;

    private readonly PreferenceTranslator _translator;
    private readonly RowField _prompt;
    private readonly RowField _chosen;
    private readonly RowField _rejected;
    private string? _promptText;
    private string? _chosenText;
    private string? _rejectedText;
    private bool _sidesHoldPrompt;

    public PreferenceRow(PreferenceFileOptions options, Action<string, LineLocation>? tookShape = null)
        : this(new(options.Prompt ?? "prompt", FieldShape.TextOrMessages), new(options.Chosen ?? "chosen", FieldShape.TextOrMessages),
            new(options.Rejected ?? "rejected", FieldShape.TextOrMessages), options, tookShape)
    {
    }

    private PreferenceRow(RowField prompt, RowField chosen, RowField rejected, PreferenceFileOptions options, Action<string, LineLocation>? tookShape)
        : base([chosen, rejected, prompt], options, tookShape)
    {
        (_prompt, _chosen, _rejected) = (prompt, chosen, rejected);
        _translator = new PreferenceTranslator(options);
    }

    /// <inheritdoc/>
    protected override string PlainShape => _chosen.Kind == FieldKind.Text ? "'prompt', 'chosen' and 'rejected' as in TRL"
        : !_sidesHoldPrompt ? "'prompt', and the answers' messages in 'chosen' and 'rejected' as in TRL"
        : _prompt.Kind == FieldKind.Absent ? "whole conversations in 'chosen' and 'rejected' as in MiniMind"
        : "whole conversations in 'chosen' and 'rejected', their 'prompt' beside them as in UltraFeedback";

    /// <inheritdoc/>
    protected override bool NeedsTranslation(ReadOnlySpan<byte> line) =>
        (_chosen.Kind == FieldKind.Text && _rejected.Kind == FieldKind.Text && _prompt.Kind == FieldKind.Absent)
        || MayHold(_prompt, line) || MayHold(_chosen, line) || MayHold(_rejected, line);

    /// <inheritdoc/>
    protected override Translation Translate(JsonElement root, LineLocation at) => _translator.Translate(root, at);

    /// <inheritdoc/>
    protected override string ComposeRow(ReadOnlySpan<byte> row, int index)
    {
        RowField side = index == Chosen ? _chosen : _rejected;
        Writer.Begin();
        if (_promptText is not null)
        {
            Tools.AddText(Writer, MessageRole.User, MessageListWriter.Token(_promptText), row, opens: true);
            Writer.Add(MessageRole.Assistant, (index == Chosen ? _chosenText : _rejectedText)!);
            return Writer.End();
        }
        if (!_sidesHoldPrompt)
            Add(_prompt, MessageRole.User, row, opens: true);
        Add(side, MessageRole.Assistant, row, opens: _sidesHoldPrompt);
        return Writer.End();
    }

    /// <inheritdoc/>
    protected override void Check(ReadOnlySpan<byte> row, LineLocation at)
    {
        _promptText = null;
        CheckSide(_chosen, row, at);
        CheckSide(_rejected, row, at);
        if (_chosen.Kind != _rejected.Kind)
        {
            throw at.Fault(BadRowReason.WrongType, _rejected.Name,
                $"'{_chosen.Name}' is {Describe(_chosen)} and '{_rejected.Name}' is {Describe(_rejected)}; both must be of the same kind.");
        }

        if (_prompt.Kind == FieldKind.Text && JsonText.IsBlank(row[_prompt.Json]))
            throw at.Fault(BadRowReason.MissingPrompt, _prompt.Name, $"'{_prompt.Name}' is empty; give the text that the answers answer.");

        if (_chosen.Kind == FieldKind.Text)
            CheckTexts(row, at);
        else
            CheckMessages(row, at);
        if (!_sidesHoldPrompt)
        {
            PromptRules.CheckPrefill(_prompt, _chosen, row, at);
            PromptRules.CheckPrefill(_prompt, _rejected, row, at);
        }
        Tools.Check(_promptText is not null ? null : _sidesHoldPrompt ? _chosen : _prompt, row, at);
        if (_sidesHoldPrompt)
            Tools.Check(_rejected, row, at);
    }

    // A string that may hold a list or a transcript.
    private static bool MayHold(RowField field, ReadOnlySpan<byte> line)
    {
        if (field.Kind != FieldKind.Text)
            return false;
        ReadOnlySpan<byte> text = line[field.Json][1..^1];
        ReadOnlySpan<byte> start = text.TrimStart(" \\nrt"u8);
        return (!start.IsEmpty && start[0] is (byte)'[' or (byte)'{' or (byte)'(') || start.StartsWith("array("u8)
            || start is [(byte)'"', (byte)'[' or (byte)'{', ..] || text[..Math.Min(text.Length, LongestTypeName)].IndexOf("Message"u8) >= 0
            || text.IndexOf("Human:"u8) >= 0 || text.StartsWith("\\u"u8);
    }

    private void CheckSide(RowField side, ReadOnlySpan<byte> row, LineLocation at)
    {
        if (side.Kind == FieldKind.Absent)
        {
            throw at.Fault(BadRowReason.MissingField, side.Name,
                $"'{side.Name}' is {(side.IsNamed ? "null" : "missing")}; a pair has '{_chosen.Name}' and '{_rejected.Name}'.");
        }

        AnswerRules.Check(side, row, at);
    }

    private void CheckTexts(ReadOnlySpan<byte> row, LineLocation at)
    {
        _sidesHoldPrompt = false;
        if (JsonText.SameString(row[_chosen.Json], row[_rejected.Json]))
            throw PromptRules.Identical(_chosen, _rejected, at);
        if (_prompt.Kind == FieldKind.Absent)
            DivideTexts(JsonText.Decode(row[_chosen.Json]), JsonText.Decode(row[_rejected.Json]), at);
    }

    private void DivideTexts(string chosen, string rejected, LineLocation at)
    {
        const string Remedy = "give the prompt as 'prompt'";
        int length = ImplicitPrompt.Length(chosen, rejected);
        if (string.IsNullOrWhiteSpace(chosen[..length]))
        {
            throw at.Fault(BadRowReason.MissingPrompt, _prompt.Name,
                $"'{_chosen.Name}' ('{Excerpt.Of(chosen)}') and '{_rejected.Name}' ('{Excerpt.Of(rejected)}') begin with no words in common that could be "
                + $"their prompt; {Remedy}.");
        }

        foreach ((string name, string text) in new[] { (_chosen.Name, chosen), (_rejected.Name, rejected) })
        {
            if (string.IsNullOrWhiteSpace(text[length..]))
            {
                throw at.Fault(BadRowReason.EmptyAnswer, name,
                    $"'{name}' ('{Excerpt.Of(text)}') is the beginning of the other side, so no answer remains; {Remedy}.");
            }
        }
        (_promptText, _chosenText, _rejectedText) = (chosen[..length], chosen[length..], rejected[length..]);
    }

    private void CheckMessages(ReadOnlySpan<byte> row, LineLocation at)
    {
        _sidesHoldPrompt = _prompt.Kind == FieldKind.Absent || _chosen.Messages[0].Role.IsPrompting() || _rejected.Messages[0].Role.IsPrompting()
            || PromptRules.BothBeginWith(_prompt, _chosen, _rejected, row);
        if (!_sidesHoldPrompt)
        {
            PromptRules.CheckCompletions(_chosen, _rejected, row, at);
            return;
        }
        int shared = PromptRules.CheckConversations(_chosen, _rejected, row, at);
        if (_prompt.Kind != FieldKind.Absent)
            PromptRules.CheckRepeatedPrompt(_prompt, _chosen, _rejected, shared, row, at);
    }

    private static string Describe(RowField field) => field.Kind == FieldKind.Messages ? "a message list" : "a string";
}
