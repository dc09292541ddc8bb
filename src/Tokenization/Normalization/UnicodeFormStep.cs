namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>Puts a text into one of Unicode's forms.</summary>
internal sealed record UnicodeFormStep(UnicodeForm Form) : INormalizerStep
{
    /// <inheritdoc/>
    public TextPiece Apply(TextPiece piece, EncodingBudget budget)
    {
        bool isSurelySo = Form == UnicodeForm.C ? UnicodeNormalization.IsSurelyComposed(piece.Text) : !piece.Text.ContainsAnyExceptInRange('\0', '\x7F');
        if (isSurelySo)
            return piece;
        List<SourceRange> ranges = new(piece.Text.Length);
        string text = UnicodeNormalization.Apply(Form, piece.Text, ranges);
        SourceRange[] sources = new SourceRange[ranges.Count];
        for (int i = 0; i < sources.Length; i++)
            sources[i] = new SourceRange(piece.SourceOf(ranges[i].Start).Start, piece.SourceOf(ranges[i].End - 1).End);
        return new TextPiece(text, 0, sources);
    }
}
