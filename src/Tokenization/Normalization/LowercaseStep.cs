using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>Makes letters lower case, each by itself: a sigma at a word's end is not the final one, as in the reference.</summary>
internal sealed record LowercaseStep : INormalizerStep
{
    private const int DottedI = 0x130;

    /// <inheritdoc/>
    public TextPiece Apply(TextPiece piece, EncodingBudget budget)
    {
        PieceBuilder changed = new(piece.Text.Length);
        Span<char> characters = stackalloc char[2];
        int start = 0;
        foreach (Rune rune in piece.Text.EnumerateRunes())
        {
            int end = start + rune.Utf16SequenceLength;
            SourceRange source = new(piece.SourceOf(start).Start, piece.SourceOf(end - 1).End);
            if (rune.Value == DottedI)
                changed.Add("i\u0307", source); // the only letter that becomes two
            else
                changed.Add(characters[..Rune.ToLowerInvariant(rune).EncodeToUtf16(characters)], source);
            start = end;
        }
        return changed.ToPiece();
    }
}
