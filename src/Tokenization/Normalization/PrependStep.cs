namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>Puts a text before every piece.</summary>
internal sealed record PrependStep(string Text) : INormalizerStep
{
    /// <inheritdoc/>
    public TextPiece Apply(TextPiece piece, EncodingBudget budget) => piece.After(Text);
}
