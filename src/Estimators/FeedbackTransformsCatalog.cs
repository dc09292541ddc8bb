using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tokenization;

namespace Microsoft.ML;

/// <summary>Preparation of feedback, as verbs on <c>mlContext.Transforms</c>.</summary>
public static class FeedbackTransformsCatalog
{
    /// <summary>Makes training rows of conversations with a verdict: template, tokens, mask and shift in one go.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="model">The model that the rows are for.</param>
    /// <param name="options">How to prepare them; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">The options contradict themselves (the message lists every fault), or see <c>MaskResponses</c>.</exception>
    public static IEstimator<ITransformer> PrepareFeedback(
        this TransformsCatalog catalog, PretrainedModel model, FeedbackPreparationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return catalog.PrepareFeedback(model.ChatTemplate, model.Tokenizer, options);
    }

    /// <summary>Makes training rows of conversations with a verdict: template, tokens, mask and shift in one go.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="template">The model's template.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="options">How to prepare them; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">The options contradict themselves (the message lists every fault), or see <c>MaskResponses</c>.</exception>
    public static IEstimator<ITransformer> PrepareFeedback(
        this TransformsCatalog catalog, ChatTemplate template, HuggingFaceTokenizer tokenizer, FeedbackPreparationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(tokenizer);
        options ??= new FeedbackPreparationOptions();
        options.Validate();
        ChatTemplateOptions templateOptions = PreferencePreparation.WithClockStopped(options.TemplateOptions ?? new ChatTemplateOptions());
        FeedbackColumns added = options.Columns;
        EstimatorChain<ITransformer> chain = new EstimatorChain<ITransformer>()
            .Append(catalog.ApplyChatTemplate(
                template.WithTokens(tokenizer), [new(options.Text, options.ConversationColumnName)], templateOptions, controlTokens: options.ControlTokens))
            .Append(catalog.TokenizeConversations(
                tokenizer, [new(options.Tokens, options.Text)], options.MaxLength, options.Truncation, [added.TokenCount]))
            .Append(catalog.MaskResponses(
                template, tokenizer, [new(options.Mask, options.Tokens)], ResponseMaskRule.ResponseSpan, templateOptions, options.CountedAnswers,
                options.ResponseStart, options.ResponseEnd))
            .Append(catalog.ShiftForNextToken(
                options.ConversationColumnName, inputIdsColumnName: added.InputIds, labelsColumnName: added.Labels, lossMaskColumnName: added.LossMask));
        return options.KeepIntermediateColumns ? chain : chain.Append(catalog.DropColumns(options.Text, options.Tokens, options.Mask));
    }
}
