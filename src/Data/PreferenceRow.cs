namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A preference pair in any of the shapes that files have.</summary>
/// <remarks>
/// <c>chosen</c> and <c>rejected</c> are both message lists or both strings; <c>prompt</c> is a message list, a string, or absent.
/// Strings become messages: the prompt the user's, each answer the assistant's, not a character changed. Without a <c>prompt</c>,
/// message lists are whole conversations, and strings are divided where they part (<see cref="ImplicitPrompt"/>). A <c>prompt</c>
/// beside conversations that hold it already is not repeated. A row's <c>tools</c> go into its system message, where MiniMind has them.
/// </remarks>
internal sealed class PreferenceRow : RowFormat
{
    public const int Chosen = 0;
    public const int Rejected = 1;

    private readonly RowField _prompt;
    private readonly RowField _chosen;
    private readonly RowField _rejected;
    private string? _promptText;
    private string? _chosenText;
    private string? _rejectedText;
    private bool _sidesHoldPrompt;

    public PreferenceRow(IEnumerable<string> extraNames)
        : this(new("prompt", FieldShape.TextOrMessages), new("chosen", FieldShape.TextOrMessages), new("rejected", FieldShape.TextOrMessages), extraNames)
    {
    }

    private PreferenceRow(RowField prompt, RowField chosen, RowField rejected, IEnumerable<string> extraNames)
        : base([chosen, rejected, prompt], extraNames)
    {
        (_prompt, _chosen, _rejected) = (prompt, chosen, rejected);
    }

    /// <inheritdoc/>
    public override string Compose(ReadOnlySpan<byte> line, int index)
    {
        RowField side = index == Chosen ? _chosen : _rejected;
        Writer.Begin();
        if (_promptText is not null)
        {
            Writer.Add(MessageRole.User, _promptText);
            Writer.Add(MessageRole.Assistant, (index == Chosen ? _chosenText : _rejectedText)!);
            return Writer.End();
        }
        if (!_sidesHoldPrompt)
            Add(_prompt, MessageRole.User, line, opens: true);
        Add(side, MessageRole.Assistant, line, opens: _sidesHoldPrompt);
        return Writer.End();
    }

    /// <inheritdoc/>
    protected override void Check(ReadOnlySpan<byte> line, LineLocation at)
    {
        _promptText = null;
        CheckSide(_chosen, line, at);
        CheckSide(_rejected, line, at);
        if (_chosen.Kind != _rejected.Kind)
            throw at.Fault(BadRowReason.WrongType, "rejected", $"'chosen' is {Describe(_chosen)} and 'rejected' is {Describe(_rejected)}; both must be of the same kind.");
        if (_prompt.Kind == FieldKind.Text && JsonText.IsBlank(line[_prompt.Json]))
            throw at.Fault(BadRowReason.MissingPrompt, "prompt", "'prompt' is empty; give the text that the answers answer.");

        if (_chosen.Kind == FieldKind.Text)
            CheckTexts(line, at);
        else
            CheckMessages(line, at);
        Tools.Check(_promptText is not null ? null : _sidesHoldPrompt ? _chosen : _prompt, line, at);
    }

    private static void CheckSide(RowField side, ReadOnlySpan<byte> line, LineLocation at)
    {
        if (side.Kind == FieldKind.Absent)
            throw at.Fault(BadRowReason.MissingField, side.Name, $"'{side.Name}' is {(side.IsNamed ? "null" : "missing")}; a pair has 'chosen' and 'rejected', and the row has {RowReader.NamesIn(line)}.");
        AnswerRules.Check(side, line, at);
    }

    private void CheckTexts(ReadOnlySpan<byte> line, LineLocation at)
    {
        _sidesHoldPrompt = false;
        if (JsonText.SameString(line[_chosen.Json], line[_rejected.Json]))
            throw PromptRules.Identical(at);
        if (_prompt.Kind == FieldKind.Absent)
            DivideTexts(JsonText.Decode(line[_chosen.Json]), JsonText.Decode(line[_rejected.Json]), at);
    }

    private void DivideTexts(string chosen, string rejected, LineLocation at)
    {
        const string Remedy = "give the prompt as 'prompt'";
        int length = ImplicitPrompt.Length(chosen, rejected);
        if (string.IsNullOrWhiteSpace(chosen[..length]))
            throw at.Fault(BadRowReason.MissingPrompt, "prompt", $"'chosen' ('{Excerpt.Of(chosen)}') and 'rejected' ('{Excerpt.Of(rejected)}') begin with no words in common that could be their prompt; {Remedy}.");
        foreach ((string name, string text) in new[] { ("chosen", chosen), ("rejected", rejected) })
        {
            if (string.IsNullOrWhiteSpace(text[length..]))
                throw at.Fault(BadRowReason.EmptyAnswer, name, $"'{name}' ('{Excerpt.Of(text)}') is the beginning of the other side, so no answer remains; {Remedy}.");
        }
        (_promptText, _chosenText, _rejectedText) = (chosen[..length], chosen[length..], rejected[length..]);
    }

    private void CheckMessages(ReadOnlySpan<byte> line, LineLocation at)
    {
        _sidesHoldPrompt = _prompt.Kind == FieldKind.Absent || _chosen.Messages[0].Role.IsPrompting() || _rejected.Messages[0].Role.IsPrompting();
        if (!_sidesHoldPrompt)
        {
            PromptRules.CheckCompletions(_chosen, _rejected, line, at);
            return;
        }
        int shared = PromptRules.CheckConversations(_chosen, _rejected, line, at);
        if (_prompt.Kind != FieldKind.Absent)
            PromptRules.CheckRepeatedPrompt(_prompt, _chosen, shared, line, at);
    }

    private static string Describe(RowField field) => field.Kind == FieldKind.Messages ? "a message list" : "a string";
}
