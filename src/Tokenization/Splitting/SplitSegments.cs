namespace MiniMind.MLNet.Dpo.Tokenization.Splitting;

/// <summary>Makes pieces of what a pattern matches and what lies between.</summary>
internal static class SplitSegments
{
    /// <summary>The pieces, in order; none is empty.</summary>
    /// <param name="segments">Contiguous ranges that cover the text, and whether the pattern matched them; reordered.</param>
    /// <param name="behavior">What is done with the matches.</param>
    /// <param name="invert">Whether the text between the matches counts as matched, and the matches do not.</param>
    public static List<Range> Pieces(List<(Range Range, bool Matched)> segments, SplitBehavior behavior, bool invert)
    {
        List<Range> pieces = new(segments.Count);
        bool previous = false;
        if (behavior == SplitBehavior.MergedWithNext)
            segments.Reverse();
        foreach ((Range range, bool patternMatched) in segments)
        {
            bool matched = patternMatched != invert;
            bool joins = pieces.Count > 0 && behavior switch
            {
                SplitBehavior.Contiguous => matched == previous,
                SplitBehavior.MergedWithPrevious or SplitBehavior.MergedWithNext => matched && !previous,
                _ => false,
            };
            if (joins)
            {
                pieces[^1] = behavior == SplitBehavior.MergedWithNext
                    ? range.Start..pieces[^1].End
                    : pieces[^1].Start..range.End;
            }
            else if (behavior != SplitBehavior.Removed || !matched)
            {
                pieces.Add(range);
            }

            previous = matched;
        }
        if (behavior == SplitBehavior.MergedWithNext)
            pieces.Reverse();
        pieces.RemoveAll(range => range.Start.Value == range.End.Value);
        return pieces;
    }
}
