namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>A pair's tokens.</summary>
public sealed class TokenRow : CaseRow
{
    public int[] ChosenTokens { get; set; } = [];
    public int[] RejectedTokens { get; set; } = [];

    /// <summary>The tokens of <see cref="SmallChat"/>'s pairs.</summary>
    public static TokenRow[] All =>
        [.. TextRow.All
            .Select(row => new TokenRow { ChosenTokens = SmallChat.Tokenizer.Encode(row.ChosenText),
            RejectedTokens = SmallChat.Tokenizer.Encode(row.RejectedText) })];
}
