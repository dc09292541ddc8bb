namespace MiniMind.MLNet.Dpo.Tokenization.Splitting;

/// <summary>Writes spaces as a character, puts one before a piece, and splits before each, as SentencePiece's tokenizers do.</summary>
/// <param name="Replacement">The character, as a rule U+2581.</param>
/// <param name="Scheme">Where it is put before a piece.</param>
/// <param name="Splits">Whether it is split at.</param>
internal sealed record MetaspaceStep(char Replacement, PrependScheme Scheme, bool Splits) : IWordStep
{
    private readonly string _replacement = Replacement.ToString();

    /// <inheritdoc/>
    public TextPiece Prepare(TextPiece piece)
    {
        if (piece.Text.Contains(' '))
            piece = piece.WithText(piece.Text.ToString().Replace(' ', Replacement));
        bool prepends = Scheme == PrependScheme.Always || (Scheme == PrependScheme.First && piece.SourceOf(0).Start == 0);
        return prepends && piece.Text[0] != Replacement ? piece.After(_replacement) : piece;
    }

    /// <inheritdoc/>
    public List<Range> Split(ReadOnlySpan<char> text, EncodingBudget budget)
    {
        if (!Splits)
            return [0..text.Length];
        List<Range> pieces = new();
        int start = 0;
        for (int at = 1; at < text.Length; at++)
        {
            if (text[at] != Replacement)
                continue;
            pieces.Add(start..at);
            start = at;
        }
        pieces.Add(start..text.Length);
        return pieces;
    }
}
