namespace MiniMind.MLNet.Dpo.Tokenization.Decoding;

/// <summary>Leaves a character out at the ends of every token.</summary>
/// <param name="Content">The character.</param>
/// <param name="AtStart">How often at the start, at most.</param>
/// <param name="AtEnd">How often at the end, at most.</param>
internal sealed record StripTokenStep(char Content, int AtStart, int AtEnd) : ITokenStep
{
    /// <inheritdoc/>
    public string Apply(string token, bool isFirst)
    {
        int start = 0, end = token.Length;
        while (start < token.Length && start < AtStart && token[start] == Content)
            start++;
        while (end > start && token.Length - end < AtEnd && token[end - 1] == Content)
            end--;
        return token[start..end];
    }
}
