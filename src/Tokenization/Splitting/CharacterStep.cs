using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization.Splitting;

/// <summary>Splits at single characters of a kind.</summary>
/// <param name="IsOfKind">Whether a character is of the kind.</param>
/// <param name="Behavior">What is done with it.</param>
internal sealed record CharacterStep(Func<Rune, bool> IsOfKind, SplitBehavior Behavior) : IWordStep
{
    /// <inheritdoc/>
    public List<Range> Split(ReadOnlySpan<char> text, EncodingBudget budget)
    {
        List<(Range, bool)> segments = new();
        int covered = 0, start = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int end = start + rune.Utf16SequenceLength;
            if (IsOfKind(rune))
            {
                if (start > covered)
                    segments.Add((covered..start, false));
                segments.Add((start..end, true));
                covered = end;
            }
            start = end;
        }
        if (covered < text.Length)
            segments.Add((covered..text.Length, false));
        return SplitSegments.Pieces(segments, Behavior, invert: false);
    }
}
