using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>All cases; a new component joins every combination test by one entry here.</summary>
public static class TransformCases
{
    private static readonly InputOutputColumnPair[] s_texts = [new("ChosenText", "Chosen"), new("RejectedText", "Rejected")];
    private static readonly InputOutputColumnPair[] s_tokens = [new("ChosenTokens", "ChosenText"), new("RejectedTokens", "RejectedText")];
    private static readonly InputOutputColumnPair[] s_masks = [new("ChosenMask", "ChosenTokens"), new("RejectedMask", "RejectedTokens")];

    private static readonly TransformCase[] s_parts =
    [
        new TypedTransformCase<PlainRow, PairRow>(
            "ConvertToConversations", PlainRow.All,
            context => context.Transforms.ConvertToConversations(prompt: "Question", chosen: "Good", rejected: "Bad", system: "Instructions"),
            new() { ["Chosen"] = ["Question", "Good", "Instructions"], ["Rejected"] = ["Question", "Bad", "Instructions"] }),
        new TypedTransformCase<PlainRow, ConversationRow>(
            "ConvertToConversation", PlainRow.All,
            context => context.Transforms.ConvertToConversation(prompt: "Question", completion: "Good"),
            new() { ["Conversation"] = ["Question", "Good"] }),
        new TypedTransformCase<PairRow, TextRow>(
            "ApplyChatTemplate", PairRow.All,
            context => context.Transforms.ApplyChatTemplate(SmallChat.Template, s_texts),
            new() { ["ChosenText"] = ["Chosen"], ["RejectedText"] = ["Rejected"] }),
        new TypedTransformCase<PairRow, TextRow>(
            "ApplyChatTemplate, think blocks by chance", PairRow.All,
            context => context.Transforms.ApplyChatTemplate(SmallChat.Template, s_texts, emptyThinkRatio: 0.5, seed: 3),
            new() { ["ChosenText"] = ["Chosen", "Rejected"], ["RejectedText"] = ["Chosen", "Rejected"] }),
        new TypedTransformCase<TextRow, TokenRow>(
            "TokenizeConversations", TextRow.All,
            context => context.Transforms.TokenizeConversations(SmallChat.Tokenizer, s_tokens, maxLength: 40, TruncationPolicy.KeepEnd),
            new() { ["ChosenTokens"] = ["ChosenText"], ["RejectedTokens"] = ["RejectedText"] }),
        new TypedTransformCase<TokenRow, MaskRow>(
            "MaskResponses", TokenRow.All,
            context => context.Transforms.MaskResponses(SmallChat.Template, SmallChat.Tokenizer, s_masks),
            new() { ["ChosenMask"] = ["ChosenTokens"], ["RejectedMask"] = ["RejectedTokens"] }),
        new TypedTransformCase<TokenRow, MaskRow>(
            "MaskResponses, header pattern", TokenRow.All,
            context => context.Transforms.MaskResponses(SmallChat.Template, SmallChat.Tokenizer, s_masks, ResponseMaskRule.HeaderPattern),
            new() { ["ChosenMask"] = ["ChosenTokens"], ["RejectedMask"] = ["RejectedTokens"] }),
        new TypedTransformCase<ShiftForNextTokenCase.Input, ShiftForNextTokenCase.Output>(
            "ShiftForNextToken", ShiftForNextTokenCase.Rows,
            context => context.Transforms.ShiftForNextToken("Chosen"),
            ShiftForNextTokenCase.Reads),
        new TypedTransformCase<PreparedRow, DpoTrainerCase.Output>("DpoTrainer", DpoTrainerCase.Rows, DpoTrainerCase.Estimator, DpoTrainerCase.Reads),
        new TypedTransformCase<SftTrainerCase.Row, SftTrainerCase.Row>(
            SftTrainerCase.Name, SftTrainerCase.Rows, SftTrainerCase.Estimator, SftTrainerCase.Reads),
        new TypedTransformCase<KtoTrainerCase.Row, KtoTrainerCase.Output>("KtoTrainer", KtoTrainerCase.Rows, KtoTrainerCase.Estimator, KtoTrainerCase.Reads),
        new TypedTransformCase<RewardModelCase.Input, RewardModelCase.Output>(
            "AsRewardModel", RewardModelCase.Rows, RewardModelCase.Estimator, RewardModelCase.Reads),
    ];

    /// <summary>Every case.</summary>
    public static IReadOnlyList<TransformCase> All { get; } =
    [
        .. s_parts,
        new TypedTransformCase<PlainRow, PreparedRow>(
            "ConvertToConversations, prepared", PlainRow.All,
            context => context.Transforms.ConvertToConversations(prompt: "Question", chosen: "Good", rejected: "Bad")
                .Append((IEstimator<ITransformer>)context.Transforms.PreparePreferencePairs(SmallChat.Template, SmallChat.Tokenizer)),
            PreparedRow.Reads(bothSides: false).ToDictionary(
                pair => pair.Key, pair => pair.Value.Select(side => side == "Chosen" ? "Good" : "Bad").Prepend("Question").ToArray())),
        new TypedTransformCase<PairRow, PreparedRow>(
            "PreparePreferencePairs", PairRow.All,
            context => context.Transforms.PreparePreferencePairs(SmallChat.Template, SmallChat.Tokenizer),
            PreparedRow.Reads(bothSides: false)),
        new TypedTransformCase<PairRow, PreparedRow>(
            "PreparePreferencePairs, think blocks by chance, nothing kept on the way", PairRow.All,
            context => context.Transforms.PreparePreferencePairs(
                SmallChat.Template, SmallChat.Tokenizer,
                    new PreferencePreparationOptions { EmptyThinkRatio = 0.5, MaxLength = 40, KeepIntermediateColumns = false }),
            PreparedRow.Reads(bothSides: true)),
    ];

    /// <summary>Names for <c>[MemberData]</c>.</summary>
    public static TheoryData<string> Names => [.. All.Select(c => c.Name)];

    /// <summary>Names of the cases that are one component, and no chain of others.</summary>
    public static TheoryData<string> NamesOfParts => [.. s_parts.Select(c => c.Name)];

    /// <summary>Names of the cases whose transformers add columns, rather than hand them through.</summary>
    public static TheoryData<string> NamesOfComputing => [.. All.Select(c => c.Name).Where(name => name != SftTrainerCase.Name)];

    /// <summary>The case of this name.</summary>
    public static TransformCase Named(string name) => All.Single(c => c.Name == name);
}
