namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>Leaves white space at a text's ends out.</summary>
internal sealed record StripStep(bool Left, bool Right) : INormalizerStep
{
    /// <inheritdoc/>
    public TextPiece Apply(TextPiece piece, EncodingBudget budget)
    {
        int start = Left ? piece.Text.Length - piece.Text.TrimStart().Length : 0;
        int end = Right ? Math.Max(piece.Text.TrimEnd().Length, start) : piece.Text.Length;
        return piece.Slice(start, end - start);
    }
}
