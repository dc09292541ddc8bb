using Microsoft.ML;
using MiniMind.MLNet.Dpo.Transforms;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>All cases; a new component joins every combination test by one entry here.</summary>
public static class TransformCases
{
    private static readonly InputOutputColumnPair[] Texts = [new("ChosenText", "Chosen"), new("RejectedText", "Rejected")];
    private static readonly InputOutputColumnPair[] Tokens = [new("ChosenTokens", "ChosenText"), new("RejectedTokens", "RejectedText")];

    private static readonly TransformCase[] All =
    [
        new TypedTransformCase<PairRow, TextRow>(
            "ApplyChatTemplate", PairRow.All,
            context => context.Transforms.ApplyChatTemplate(SmallChat.Template, Texts),
            new() { ["ChosenText"] = ["Chosen"], ["RejectedText"] = ["Rejected"] }),
        new TypedTransformCase<PairRow, TextRow>(
            "ApplyChatTemplate, think blocks by chance", PairRow.All,
            context => context.Transforms.ApplyChatTemplate(SmallChat.Template, Texts, emptyThinkRatio: 0.5, seed: 3),
            new() { ["ChosenText"] = ["Chosen", "Rejected"], ["RejectedText"] = ["Chosen", "Rejected"] }),
        new TypedTransformCase<TextRow, TokenRow>(
            "TokenizeConversations", TextRow.All,
            context => context.Transforms.TokenizeConversations(SmallChat.Tokenizer, Tokens, maxLength: 40, TruncationPolicy.KeepEnd),
            new() { ["ChosenTokens"] = ["ChosenText"], ["RejectedTokens"] = ["RejectedText"] }),
        new TypedTransformCase<ShiftForNextTokenCase.Input, ShiftForNextTokenCase.Output>(
            "ShiftForNextToken", ShiftForNextTokenCase.Rows,
            context => context.Transforms.ShiftForNextToken("Chosen"),
            ShiftForNextTokenCase.Reads),
    ];

    /// <summary>Names for <c>[MemberData]</c>.</summary>
    public static TheoryData<string> Names => [.. All.Select(c => c.Name)];

    /// <summary>The case of this name.</summary>
    public static TransformCase Named(string name) => All.Single(c => c.Name == name);
}
