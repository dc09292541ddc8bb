using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace Microsoft.ML;

/// <summary>The steps from conversations to a language model's training rows, as verbs on <c>mlContext.Transforms</c>.</summary>
/// <remarks>
/// All of them are lazy and work on one row at a time: nothing is computed before a value is asked for, and asking for one column computes
/// what that column needs. Columns that are missing or of another type are an <see cref="ArgumentOutOfRangeException"/> when the step is fitted.
/// A value that a step cannot take is an <see cref="InvalidOperationException"/>, which names row and column, when it is read.
/// </remarks>
public static class PreferenceTransformsCatalog
{
    private const int DefaultMaxLength = 1024;

    /// <summary>Makes pairs of conversations of columns of plain text, as CSV, a database or a list in memory has them.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="prompt">The text column with what the user says.</param>
    /// <param name="chosen">The text column with the preferred answer.</param>
    /// <param name="rejected">The text column with the answer that lost.</param>
    /// <param name="system">The text column with what the system says, where a row's is blank nothing; <see langword="null"/> for no such column.</param>
    /// <param name="chosenColumnName">The added column with the preferred conversation, a JSON list of messages; it may hide the answer's own column.</param>
    /// <param name="rejectedColumnName">The added column with the conversation that lost.</param>
    /// <param name="lineNumberColumnName">The int64 column that tells a row's line in errors, where the data have it; else they tell its position.</param>
    /// <remarks>Texts stay as they are, to the character. Pairs whose answers are the same are left to the trainer, which refuses or skips them.</remarks>
    /// <exception cref="ArgumentException">A name is blank, one column is named for two parts, or both added columns have the same name.</exception>
    public static IEstimator<ITransformer> ConvertToConversations(
        this TransformsCatalog catalog, string prompt = "Prompt", string chosen = ColumnNames.Chosen, string rejected = ColumnNames.Rejected,
            string? system = null,
        string chosenColumnName = ColumnNames.Chosen, string rejectedColumnName = ColumnNames.Rejected, string lineNumberColumnName = ColumnNames.LineNumber)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new RowToRowEstimator(new ConvertToConversationsTransformer(
            new ConvertToConversationsSettings(prompt, system, [new(chosenColumnName, chosen), new(rejectedColumnName, rejected)], lineNumberColumnName)));
    }

    /// <summary>Makes a conversation for fine-tuning of columns of plain text; see <see cref="ConvertToConversations"/>.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="prompt">The text column with what the user says.</param>
    /// <param name="completion">The text column with the answer.</param>
    /// <param name="system">The text column with what the system says; <see langword="null"/> for no such column.</param>
    /// <param name="conversationColumnName">The added column with the conversation, a JSON list of messages.</param>
    /// <param name="lineNumberColumnName">The int64 column that tells a row's line in errors, where the data have it.</param>
    /// <exception cref="ArgumentException">A name is blank, or one column is named for two parts.</exception>
    public static IEstimator<ITransformer> ConvertToConversation(
        this TransformsCatalog catalog, string prompt = "Prompt", string completion = "Completion", string? system = null,
        string conversationColumnName = ColumnNames.Conversation, string lineNumberColumnName = ColumnNames.LineNumber)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new RowToRowEstimator(new ConvertToConversationsTransformer(
            new ConvertToConversationsSettings(prompt, system, [new(conversationColumnName, completion)], lineNumberColumnName)));
    }

    /// <summary>Renders conversations as text by a model's chat template.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="template">The model's template.</param>
    /// <param name="columns">
    /// The added text columns, each with the column it is rendered from: a conversation as a JSON list of messages. A system message's <c>tools</c>
    /// become the template's tools. Name both sides of a pair in one call: what is decided by chance is decided once for all columns of a row.
    /// </param>
    /// <param name="options">What else the template gets; <see langword="null"/> for the defaults. Its clock is read once, now, so that texts do not change
    /// with time.</param>
    /// <param name="emptyThinkRatio">
    /// The share of rows that keep empty think blocks (<c>&lt;think&gt;\n\n&lt;/think&gt;\n\n</c>), from 0 to 1. 1, the default, leaves texts as the template
    /// writes them; 0.2 is what MiniMind trains with. Which rows these are depends on the seed and the row's conversations alone.
    /// </param>
    /// <param name="seed">The seed of that choice; <see langword="null"/> for the context's, or 0 where that has none.</param>
    /// <param name="controlTokens">
    /// What becomes of control tokens that contents spell; by default they are the text that they look like, and contents that are rendered already are
    /// refused. In the text they are told apart by invisible noncharacters (U+FDD0), which <see cref="TokenizeConversations"/> takes out. Which tokens are
    /// control tokens is known of a <see cref="PretrainedModel"/>'s template, and of one with <see cref="ChatTemplate.WithTokens(HuggingFaceTokenizer)"/>.
    /// </param>
    /// <exception cref="ArgumentException">No columns are named, two added columns have the same name, or there is a seed where nothing is left to
    /// chance.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="emptyThinkRatio"/> is not between 0 and 1, or there is no such policy.</exception>
    public static IEstimator<ITransformer> ApplyChatTemplate(
        this TransformsCatalog catalog, ChatTemplate template, InputOutputColumnPair[] columns,
        ChatTemplateOptions? options = null, double emptyThinkRatio = 1, int? seed = null, ControlTokenPolicy controlTokens = ControlTokenPolicy.AsText)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(template);
        if (seed is not null && emptyThinkRatio is 0 or 1)
        {
            throw new ArgumentException($"The seed is {seed}, but an empty-think ratio of {emptyThinkRatio} leaves nothing to chance; leave the seed out.",
                nameof(seed));
        }

        return new RowToRowEstimator(new ApplyChatTemplateTransformer(new ApplyChatTemplateSettings(
            ColumnPair.From(columns), TemplateSettings.From(template, options ?? new ChatTemplateOptions()), emptyThinkRatio, CatalogSeed.Of(catalog, seed),
            controlTokens, template.Tokens.ToDictionary(token => token.Content, token => token.IsSpecial))));
    }

    /// <summary>Turns rendered conversations into tokens, cut to a maximum length.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="tokenizer">The model's tokenizer. Special tokens that the text spells out become theirs, but for those that <see cref="ApplyChatTemplate"/>
    /// has marked as contents' own words; none are added.</param>
    /// <param name="columns">The added columns, vectors of <see cref="int"/> of any length, each with the text column it is made of.</param>
    /// <param name="maxLength">The most tokens that a conversation keeps.</param>
    /// <param name="truncation">What happens to a longer one; by default its first tokens stay.</param>
    /// <param name="countColumnNames">
    /// Names of further added columns, one for each of <paramref name="columns"/>: how many tokens there were before the cut, an <see cref="int"/>, by which a
    /// trainer tells what was lost. <see langword="null"/> for the default names, <c>ChosenTokenCount</c> beside <c>ChosenTokens</c>; an empty list for no such
    /// columns.
    /// </param>
    /// <exception cref="ArgumentException">No columns are named, two added columns have the same name, or there is not one count column for each.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> is less than 1.</exception>
    public static IEstimator<ITransformer> TokenizeConversations(
        this TransformsCatalog catalog, HuggingFaceTokenizer tokenizer, InputOutputColumnPair[] columns,
        int maxLength = DefaultMaxLength, TruncationPolicy truncation = TruncationPolicy.KeepStart, IReadOnlyList<string>? countColumnNames = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ColumnPair[] pairs = ColumnPair.From(columns);
        string[] counts = [.. countColumnNames ?? pairs.Select(pair => TokenizeConversationsSettings.CountColumnOf(pair.Output))];
        return new RowToRowEstimator(new TokenizeConversationsTransformer(
            tokenizer, new TokenizeConversationsSettings(pairs, maxLength, truncation, ReadsMarks: true, counts)));
    }

    /// <summary>Says which tokens of conversations are the response that is trained on.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="template">The template that the conversations are rendered by; what opens and closes an answer is found out from it.</param>
    /// <param name="tokenizer">The tokenizer that made the tokens.</param>
    /// <param name="columns">The added columns, vectors of <see cref="float"/> with 1 on response tokens and 0 elsewhere, each with the column of tokens
    /// that it is for.</param>
    /// <param name="rule">What counts as the response; by default exactly the assistant's answers with their end tokens.</param>
    /// <param name="options">What the template gets when conversations are rendered, if anything.</param>
    /// <param name="answers">Which answers count; by default every one. <see cref="CountedAnswers.AfterParting"/> compares the columns of a row, so name
    /// both sides of a pair in one call.</param>
    /// <param name="responseStart">
    /// The text behind which an answer starts, such as <c>&lt;|im_start|&gt;assistant\n</c>, for a template that does not show it; with
    /// <paramref name="responseEnd"/>, the text that ends an answer and belongs to it. The template's generation marks are not asked then.
    /// </param>
    /// <param name="responseEnd">See <paramref name="responseStart"/>.</param>
    /// <remarks>
    /// The rule is proven here on trial conversations of all kinds (several turns, with and without a system message, with tools and tool calls where the
    /// template takes them, with white space around contents): each mask must be exactly the answers and their ends, or what the template's generation marks
    /// hold.
    /// What is found is saved with the step, and not looked for again. Not told apart are messages that a template writes alike: a tool's message written
    /// as the assistant's is one.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// No columns are named, two added columns have the same name, the template does not show where answers start and end (the message has the trial
    /// conversation, what the mask held, and the ways out), or the header pattern is asked for and the tokenizer does not name the tokens that it is made of.
    /// </exception>
    public static IEstimator<ITransformer> MaskResponses(
        this TransformsCatalog catalog, ChatTemplate template, HuggingFaceTokenizer tokenizer, InputOutputColumnPair[] columns,
        ResponseMaskRule rule = ResponseMaskRule.ResponseSpan, ChatTemplateOptions? options = null,
        CountedAnswers answers = CountedAnswers.Every, string? responseStart = null, string? responseEnd = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(tokenizer);
        return new RowToRowEstimator(new MaskResponsesTransformer(
            tokenizer, new MaskResponsesSettings(ColumnPair.From(columns), TemplateSettings.From(template, options ?? new ChatTemplateOptions()), rule,
                answers, responseStart, responseEnd)));
    }

    /// <summary>Says which tokens of conversations are the response that is trained on.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="model">The model whose template and tokenizer made the tokens.</param>
    /// <param name="columns">The added columns, vectors of <see cref="float"/> with 1 on response tokens and 0 elsewhere, each with the column of tokens
    /// that it is for.</param>
    /// <param name="rule">What counts as the response; by default exactly the assistant's answers with their end tokens.</param>
    /// <param name="options">What the template gets when conversations are rendered, if anything.</param>
    /// <param name="answers">Which answers count; by default every one.</param>
    /// <param name="responseStart">The text behind which an answer starts, for a template that does not show it.</param>
    /// <param name="responseEnd">The text that ends an answer and belongs to it, for a template that does not show it.</param>
    /// <exception cref="ArgumentException">See the overload that takes template and tokenizer.</exception>
    public static IEstimator<ITransformer> MaskResponses(
        this TransformsCatalog catalog, PretrainedModel model, InputOutputColumnPair[] columns,
        ResponseMaskRule rule = ResponseMaskRule.ResponseSpan, ChatTemplateOptions? options = null,
        CountedAnswers answers = CountedAnswers.Every, string? responseStart = null, string? responseEnd = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return catalog.MaskResponses(model.ChatTemplate, model.Tokenizer, columns, rule, options, answers, responseStart, responseEnd);
    }

    /// <summary>Makes a model's inputs, labels and loss mask of one side's tokens and mask: x = ids[:-1], y = ids[1:], m = mask[1:].</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="column">The side, such as <c>Chosen</c>; the names below default to this and a suffix.</param>
    /// <param name="tokensColumnName">The tokens that are read, a vector of <see cref="int"/>; by default <c>ChosenTokens</c>.</param>
    /// <param name="maskColumnName">Their mask, a vector of <see cref="float"/> of the same length; by default <c>ChosenMask</c>.</param>
    /// <param name="inputIdsColumnName">The added column of tokens that the model reads; by default <c>ChosenInputIds</c>.</param>
    /// <param name="labelsColumnName">The added column of tokens that it should predict; by default <c>ChosenLabels</c>.</param>
    /// <param name="lossMaskColumnName">The added column that says which predictions count; by default <c>ChosenLossMask</c>.</param>
    /// <exception cref="ArgumentException">Two of the added columns have the same name.</exception>
    public static IEstimator<ITransformer> ShiftForNextToken(
        this TransformsCatalog catalog, string column,
        string? tokensColumnName = null, string? maskColumnName = null,
        string? inputIdsColumnName = null, string? labelsColumnName = null, string? lossMaskColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        ShiftForNextTokenColumns defaults = ShiftForNextTokenColumns.For(column);
        return new RowToRowEstimator(new ShiftForNextTokenTransformer(new ShiftForNextTokenColumns(
            tokensColumnName ?? defaults.Tokens,
            maskColumnName ?? defaults.Mask,
            inputIdsColumnName ?? defaults.InputIds,
            labelsColumnName ?? defaults.Labels,
            lossMaskColumnName ?? defaults.LossMask)));
    }

    /// <summary>Makes training rows of pairs of conversations: template, tokens, mask and shift in one go.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="model">The model that the rows are for.</param>
    /// <param name="options">How to prepare them; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">The options contradict themselves (the message lists every fault), or see <c>MaskResponses</c>.</exception>
    public static IEstimator<ITransformer> PreparePreferencePairs(
        this TransformsCatalog catalog, PretrainedModel model, PreferencePreparationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return catalog.PreparePreferencePairs(model.ChatTemplate, model.Tokenizer, options);
    }

    /// <summary>Makes training rows of pairs of conversations: template, tokens, mask and shift in one go.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="template">The model's template.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="options">How to prepare them; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">The options contradict themselves (the message lists every fault), or see <c>MaskResponses</c>.</exception>
    public static IEstimator<ITransformer> PreparePreferencePairs(
        this TransformsCatalog catalog, ChatTemplate template, HuggingFaceTokenizer tokenizer, PreferencePreparationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(tokenizer);
        options ??= new PreferencePreparationOptions();
        options.Validate();
        return PreferencePreparation.Create(catalog, template, tokenizer, options);
    }
}
