using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Puts the steps of preparing pairs together.</summary>
internal static class PreferencePreparation
{
    /// <summary>The chain of the steps.</summary>
    public static IEstimator<ITransformer> Create(TransformsCatalog catalog, ChatTemplate template, HuggingFaceTokenizer tokenizer,
        PreferencePreparationOptions options)
    {
        (string chosen, string rejected) = (options.ChosenColumnName, options.RejectedColumnName);
        PairColumns added = options.Columns;
        ChatTemplateOptions templateOptions = WithClockStopped(options.TemplateOptions ?? new ChatTemplateOptions());

        EstimatorChain<ITransformer> chain = new EstimatorChain<ITransformer>()
            .Append(catalog.ApplyChatTemplate(
                template.WithTokens(tokenizer), Pairs(PreferencePreparationOptions.TextOf, side => side), templateOptions, options.EmptyThinkRatio,
                    options.Seed, options.EffectiveControlTokens))
            .Append(catalog.TokenizeConversations(
                tokenizer, Pairs(PreferencePreparationOptions.TokensOf, PreferencePreparationOptions.TextOf), options.MaxLength, options.Truncation,
                [added.ChosenTokenCount, added.RejectedTokenCount]))
            .Append(catalog.MaskResponses(
                template, tokenizer, Pairs(PreferencePreparationOptions.MaskOf, PreferencePreparationOptions.TokensOf), options.MaskRule, templateOptions,
                options.CountedAnswers, options.ResponseStart, options.ResponseEnd))
            .Append(catalog.ShiftForNextToken(chosen, inputIdsColumnName: added.ChosenInputIds, labelsColumnName: added.ChosenLabels,
                lossMaskColumnName: added.ChosenLossMask))
            .Append(catalog.ShiftForNextToken(rejected, inputIdsColumnName: added.RejectedInputIds, labelsColumnName: added.RejectedLabels,
                lossMaskColumnName: added.RejectedLossMask));
        return options.KeepIntermediateColumns ? chain : chain.Append(catalog.DropColumns([.. options.IntermediateColumns]));

        InputOutputColumnPair[] Pairs(Func<string, string> output, Func<string, string> input) =>
            [new(output(chosen), input(chosen)), new(output(rejected), input(rejected))];
    }

    /// <summary>One reading of the clock for the text and for the mask that looks for the text's marks.</summary>
    public static ChatTemplateOptions WithClockStopped(ChatTemplateOptions options) => new()
    {
        AddGenerationPrompt = options.AddGenerationPrompt,
        ToolsJson = options.ToolsJson,
        Variables = options.Variables,
        TimeProvider = new FixedClock(options.TimeProvider.GetLocalNow()),
    };
}
