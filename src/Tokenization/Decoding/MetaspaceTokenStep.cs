namespace MiniMind.MLNet.Dpo.Tokenization.Decoding;

/// <summary>Writes the character for spaces as spaces again.</summary>
/// <param name="Replacement">The character.</param>
/// <param name="DropsFirst">Whether the one that the text begins with is left out, because the pre-tokenizer put it there.</param>
internal sealed record MetaspaceTokenStep(char Replacement, bool DropsFirst) : ITokenStep
{
    /// <inheritdoc/>
    public string Apply(string token, bool isFirst)
    {
        string text = token.Replace(Replacement, ' ');
        return isFirst && DropsFirst && text.StartsWith(' ') ? text[1..] : text;
    }
}
