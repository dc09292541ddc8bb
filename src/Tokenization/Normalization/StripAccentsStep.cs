using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>Leaves combining marks out.</summary>
internal sealed record StripAccentsStep : INormalizerStep
{
    /// <inheritdoc/>
    public TextPiece Apply(TextPiece piece, EncodingBudget budget)
    {
        if (!piece.Text.ContainsAnyExceptInRange('\0', '\u02FF'))
            return piece;
        PieceBuilder changed = new(piece.Text.Length);
        int start = 0;
        foreach (Rune rune in piece.Text.EnumerateRunes())
        {
            int end = start + rune.Utf16SequenceLength;
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark))
                changed.Copy(piece, start, end);
            start = end;
        }
        return changed.ToPiece();
    }
}
