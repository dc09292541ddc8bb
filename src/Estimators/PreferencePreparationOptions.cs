using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms;

namespace MiniMind.MLNet.Dpo;

/// <summary>How pairs of conversations become training rows: template, tokens, mask and shift in one go.</summary>
public sealed class PreferencePreparationOptions
{
    /// <summary>The text column with the preferred conversation, a JSON list of messages.</summary>
    public string ChosenColumnName { get; init; } = ColumnNames.Chosen;

    /// <summary>The text column with the conversation that lost, a JSON list of messages.</summary>
    public string RejectedColumnName { get; init; } = ColumnNames.Rejected;

    /// <summary>The names of the columns that are added for a trainer; its line number is not among them.</summary>
    public PairColumns Columns { get; init; } = new();

    /// <summary>What the chat template gets besides the messages; <see langword="null"/> for the defaults.</summary>
    public ChatTemplateOptions? TemplateOptions { get; init; }

    /// <summary>
    /// The share of pairs that keep empty think blocks, from 0 to 1; one decision for both sides. 1, the default, leaves texts as the template writes them.
    /// </summary>
    public double EmptyThinkRatio { get; init; } = 1;

    /// <summary>The seed of that decision, where it is left to chance; <see langword="null"/> for the context's, or 0 where that has none.</summary>
    public int? Seed { get; init; }

    /// <summary>
    /// What becomes of control tokens that contents spell. <see langword="null"/>, the default, is <see cref="ControlTokenPolicy.AsText"/>; with the mask rule
    /// <see cref="ResponseMaskRule.HeaderPattern"/>, which is there for the sake of parity, it is <see cref="ControlTokenPolicy.AsTokens"/> as in MiniMind's
    /// data loading.
    /// </summary>
    public ControlTokenPolicy? ControlTokens { get; init; }

    /// <summary>The most tokens that a conversation keeps; MiniMind's default.</summary>
    public int MaxLength { get; init; } = 1024;

    /// <summary>What happens to a longer one.</summary>
    public TruncationPolicy Truncation { get; init; } = TruncationPolicy.KeepStart;

    /// <summary>Which tokens count as the response.</summary>
    public ResponseMaskRule MaskRule { get; init; } = ResponseMaskRule.ResponseSpan;

    /// <summary>Which of a conversation's answers count; it matters for pairs of several turns.</summary>
    public CountedAnswers CountedAnswers { get; init; } = CountedAnswers.Every;

    /// <summary>
    /// The text behind which an answer starts, such as <c>&lt;|im_start|&gt;assistant\n</c>, for a template that does not show it; <see langword="null"/>,
    /// the default, to find it out from the template. Goes with <see cref="ResponseEnd"/>.
    /// </summary>
    public string? ResponseStart { get; init; }

    /// <summary>The text that ends an answer and belongs to it, such as <c>&lt;|im_end|&gt;</c>, for a template that does not show it. Goes with
    /// <see cref="ResponseStart"/>.</summary>
    public string? ResponseEnd { get; init; }

    /// <summary>
    /// Whether the columns on the way (texts, tokens, masks) stay in the data, as they do step by step; by default they do. They cost nothing unless
    /// they are read, but whoever stores the prepared rows may want to do without them.
    /// </summary>
    public bool KeepIntermediateColumns { get; init; } = true;

    /// <summary>The settings under which pairs become what MiniMind's train_dpo.py makes of them, but for one decision about think blocks for both
    /// sides.</summary>
    /// <param name="maxLength">Its <c>max_seq_len</c>.</param>
    public static PreferencePreparationOptions MiniMind(int maxLength = 1024) => new()
    {
        MaxLength = maxLength, MaskRule = ResponseMaskRule.HeaderPattern, EmptyThinkRatio = ThinkBlocks.MiniMindRatio,
        ControlTokens = ControlTokenPolicy.AsTokens,
    };

    /// <summary>What becomes of control tokens, with the default settled.</summary>
    internal ControlTokenPolicy EffectiveControlTokens =>
        ControlTokens ?? (MaskRule == ResponseMaskRule.HeaderPattern ? ControlTokenPolicy.AsTokens : ControlTokenPolicy.AsText);

    /// <summary>The columns on the way.</summary>
    internal IReadOnlyList<string> IntermediateColumns =>
        [.. ((string[])[ChosenColumnName, RejectedColumnName]).SelectMany(side => (string[])[TextOf(side), TokensOf(side), MaskOf(side)])];

    /// <summary>The column of one side's rendered conversation.</summary>
    internal static string TextOf(string side) => $"{side}Text";

    /// <summary>The column of one side's tokens.</summary>
    internal static string TokensOf(string side) => $"{side}Tokens";

    /// <summary>The column of one side's mask.</summary>
    internal static string MaskOf(string side) => $"{side}Mask";

    /// <summary>Checks the options, all of them at once.</summary>
    /// <exception cref="ArgumentException">Something is out of range, acts on nothing, or is named twice; the message lists every fault.</exception>
    public void Validate()
    {
        string[] faults = [.. Faults()];
        if (faults.Length > 0)
            throw new ArgumentException($"{nameof(PreferencePreparationOptions)}: {string.Join("; ", faults)}.");
    }

    private IEnumerable<string> Faults()
    {
        if (!(EmptyThinkRatio is >= 0 and <= 1))
            yield return $"{nameof(EmptyThinkRatio)} is {EmptyThinkRatio}; it must be from 0 to 1";
        else if (Seed is not null && EmptyThinkRatio is 0 or 1)
            yield return $"{nameof(Seed)} is {Seed}, but {nameof(EmptyThinkRatio)} {EmptyThinkRatio} leaves nothing to chance";
        if (MaxLength < 1)
            yield return $"{nameof(MaxLength)} is {MaxLength}; it must be at least 1";
        if (!Enum.IsDefined(Truncation))
            yield return $"{nameof(Truncation)} is {Truncation}; it can be {string.Join(", ", Enum.GetNames<TruncationPolicy>())}";
        if (!Enum.IsDefined(MaskRule))
            yield return $"{nameof(MaskRule)} is {MaskRule}; it can be {string.Join(", ", Enum.GetNames<ResponseMaskRule>())}";
        if (ControlTokens is { } policy && !Enum.IsDefined(policy))
            yield return $"{nameof(ControlTokens)} is {policy}; it can be {string.Join(", ", Enum.GetNames<ControlTokenPolicy>())}";
        if (!Enum.IsDefined(CountedAnswers))
            yield return $"{nameof(CountedAnswers)} is {CountedAnswers}; it can be {string.Join(", ", Enum.GetNames<CountedAnswers>())}";
        if (CountedAnswers == CountedAnswers.AfterParting && Truncation == TruncationPolicy.KeepEnd)
        {
            yield return $"{nameof(CountedAnswers)} is {CountedAnswers}, but {nameof(Truncation)} {Truncation} cuts off the beginnings that it compares; " +
                $"take {TruncationPolicy.KeepStart}, or count the {CountedAnswers.Last} answer";
        }

        if (MaskResponsesSettings.FaultOf(MaskRule, ResponseStart, ResponseEnd) is { } fault)
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
        string[] names =
        [
            ChosenColumnName, RejectedColumnName, .. IntermediateColumns,
            Columns.ChosenInputIds, Columns.ChosenLabels, Columns.ChosenLossMask, Columns.RejectedInputIds, Columns.RejectedLabels, Columns.RejectedLossMask,
            Columns.ChosenTokenCount, Columns.RejectedTokenCount,
        ];
        if (names.Any(string.IsNullOrWhiteSpace))
            yield return "a column name is empty; every column needs a name";
        foreach (IGrouping<string, string> twice in names.Where(name => !string.IsNullOrWhiteSpace(name)).GroupBy(name => name)
            .Where(group => group.Count() > 1))
        {
            yield return $"the column name '{twice.Key}' is used {twice.Count()} times; every column needs its own";
        }
    }
}
