namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>What decides a conversation's tokens besides the tokenizer, as it is saved.</summary>
/// <param name="Columns">The columns of tokens, and the texts that they are made of.</param>
/// <param name="MaxLength">The most tokens that are kept.</param>
/// <param name="Truncation">What happens to more.</param>
/// <param name="CountColumns">The columns of how many tokens there were before the cut, one for each of the others; none in files of before there were such
/// columns.</param>
/// <param name="ReadsMarks">Whether the texts mark characters that make no control token; in files of before there were marks they do not.</param>
internal sealed record TokenizeConversationsSettings(ColumnPair[] Columns, int MaxLength, TruncationPolicy Truncation, bool ReadsMarks = false,
    string[]? CountColumns = null)
{
    private const string TokensSuffix = "Tokens";

    /// <summary>The default name of the column that counts the tokens of another one: <c>ChosenTokenCount</c> for <c>ChosenTokens</c>.</summary>
    public static string CountColumnOf(string tokensColumn) =>
        (tokensColumn.EndsWith(TokensSuffix, StringComparison.Ordinal) ? tokensColumn[..^TokensSuffix.Length] : tokensColumn) + "TokenCount";
}
