namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>Replaces what a pattern matches with a text.</summary>
internal sealed class ReplaceStep(SplitPattern pattern, string content) : INormalizerStep
{
    /// <inheritdoc/>
    public TextPiece Apply(TextPiece piece, EncodingBudget budget)
    {
        if (pattern.Literal is { Length: 1 } from && content.Length == 1)
            return piece.WithText(piece.Text.ToString().Replace(from[0], content[0]));
        PieceBuilder? changed = null;
        int covered = 0;
        foreach ((int start, int end) in pattern.Matches(piece.Text, budget))
        {
            changed ??= new PieceBuilder(piece.Text.Length);
            changed.Copy(piece, covered, start);
            // what is put in has the range of the last character that it is put in for
            int last = Math.Max(end - 1, 0);
            changed.Add(content, new SourceRange(piece.SourceOf(last > 0 && char.IsLowSurrogate(piece.Text[last]) ? last - 1 : last).Start,
                piece.SourceOf(last).End));
            if (changed.Length > piece.Text.Length * TokenizerLimits.NormalizedGrowth + TokenizerLimits.NormalizedAnyway)
                break; // the normalizer says so
            covered = end;
        }
        if (changed is null)
            return piece;
        changed.Copy(piece, covered, piece.Text.Length);
        return changed.ToPiece();
    }

    /// <summary>The text with what the pattern matches replaced.</summary>
    public string Apply(string text) => text.Length == 0 ? text : Apply(new TextPiece(text, 0), new EncodingBudget(text.Length)).Text.ToString();
}
