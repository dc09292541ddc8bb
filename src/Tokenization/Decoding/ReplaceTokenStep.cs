using MiniMind.MLNet.Dpo.Tokenization.Normalization;

namespace MiniMind.MLNet.Dpo.Tokenization.Decoding;

/// <summary>Replaces what a pattern matches within a token.</summary>
internal sealed class ReplaceTokenStep(ReplaceStep replace) : ITokenStep
{
    /// <inheritdoc/>
    public string Apply(string token, bool isFirst) => replace.Apply(token);
}
