using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms;

namespace MiniMind.MLNet.Dpo;

/// <summary>How conversations with a verdict become training rows: template, tokens, mask and shift in one go.</summary>
public sealed class FeedbackPreparationOptions
{
    /// <summary>The text column with the conversation, a JSON list of messages.</summary>
    public string ConversationColumnName { get; init; } = ColumnNames.Conversation;

    /// <summary>The names of the columns that are added for a trainer; its verdict and its line number are not among them.</summary>
    public FeedbackColumns Columns { get; init; } = new();

    /// <summary>What the chat template gets besides the messages; <see langword="null"/> for the defaults.</summary>
    public ChatTemplateOptions? TemplateOptions { get; init; }

    /// <summary>What becomes of control tokens that contents spell.</summary>
    public ControlTokenPolicy ControlTokens { get; init; } = ControlTokenPolicy.AsText;

    /// <summary>The most tokens that a conversation keeps.</summary>
    public int MaxLength { get; init; } = 1024;

    /// <summary>What happens to a longer one.</summary>
    public TruncationPolicy Truncation { get; init; } = TruncationPolicy.KeepStart;

    /// <summary>
    /// Which of a conversation's answers the verdict is about: by default the last, which an app's thumb stands beside. <see cref="CountedAnswers.Every"/> is
    /// for verdicts on whole conversations.
    /// </summary>
    public CountedAnswers CountedAnswers { get; init; } = CountedAnswers.Last;

    /// <summary>The text behind which an answer starts, for a template that does not show it,
    /// as <see cref="PreferencePreparationOptions.ResponseStart"/>.</summary>
    public string? ResponseStart { get; init; }

    /// <summary>The text that ends an answer and belongs to it, for a template that does not show it.</summary>
    public string? ResponseEnd { get; init; }

    /// <summary>Whether the columns on the way (text, tokens, mask) stay in the data.</summary>
    public bool KeepIntermediateColumns { get; init; } = true;

    /// <summary>The column of the rendered conversation.</summary>
    internal string Text => $"{ConversationColumnName}Text";

    /// <summary>The column of the tokens.</summary>
    internal string Tokens => $"{ConversationColumnName}Tokens";

    /// <summary>The column of the mask.</summary>
    internal string Mask => $"{ConversationColumnName}Mask";

    /// <summary>Checks the options, all of them at once.</summary>
    /// <exception cref="ArgumentException">Something is out of range, acts on nothing, or is named twice; the message lists every fault.</exception>
    public void Validate()
    {
        string[] faults = [.. Faults()];
        if (faults.Length > 0)
            throw new ArgumentException($"{nameof(FeedbackPreparationOptions)}: {string.Join("; ", faults)}.");
    }

    private IEnumerable<string> Faults()
    {
        if (MaxLength < 1)
            yield return $"{nameof(MaxLength)} is {MaxLength}; it must be at least 1";
        if (!Enum.IsDefined(Truncation))
            yield return $"{nameof(Truncation)} is {Truncation}; it can be {string.Join(", ", Enum.GetNames<TruncationPolicy>())}";
        if (!Enum.IsDefined(ControlTokens))
            yield return $"{nameof(ControlTokens)} is {ControlTokens}; it can be {string.Join(", ", Enum.GetNames<ControlTokenPolicy>())}";
        if (CountedAnswers is not (CountedAnswers.Last or CountedAnswers.Every))
            yield return $"{nameof(CountedAnswers)} is {CountedAnswers}; of single answers it can be {CountedAnswers.Last} or {CountedAnswers.Every}";
        if (MaskResponsesSettings.FaultOf(ResponseMaskRule.ResponseSpan, ResponseStart, ResponseEnd) is { } fault)
            yield return fault;
        if (TemplateOptions is { AddGenerationPrompt: true })
        {
            yield return $"{nameof(TemplateOptions)}.{nameof(ChatTemplateOptions.AddGenerationPrompt)} is true, which would begin another answer behind " +
                "each response";
        }

        if (Columns is null)
        {
            yield return $"{nameof(Columns)} is null";
            yield break;
        }
        string[] names = [ConversationColumnName, Text, Tokens, Mask, .. Columns.All];
        if (names.Any(string.IsNullOrWhiteSpace))
            yield return "a column name is empty; every column needs a name";
        foreach (IGrouping<string, string> twice in names.Where(name => !string.IsNullOrWhiteSpace(name)).GroupBy(name => name)
            .Where(group => group.Count() > 1))
        {
            yield return $"the column name '{twice.Key}' is used {twice.Count()} times; every column needs its own";
        }
    }
}
