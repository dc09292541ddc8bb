namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>One splitting step of the pre-tokenizer.</summary>
/// <param name="Pattern">What is looked for.</param>
/// <param name="Behavior">What is done with it.</param>
/// <param name="Invert">Whether the text between the matches counts as matched, and the matches do not.</param>
internal sealed record SplitStep(SplitPattern Pattern, SplitBehavior Behavior, bool Invert)
{
    /// <summary>The pieces of a text, as ranges of it; none is empty.</summary>
    public List<Range> Split(ReadOnlySpan<char> text, EncodingBudget budget)
    {
        List<(Range Range, bool Matched)> segments = Pattern.Segments(text, budget);
        List<Range> pieces = new(segments.Count);
        bool previous = false;
        if (Behavior == SplitBehavior.MergedWithNext)
            segments.Reverse();
        foreach ((Range range, bool patternMatched) in segments)
        {
            bool matched = patternMatched != Invert;
            bool joins = pieces.Count > 0 && Behavior switch
            {
                SplitBehavior.Contiguous => matched == previous,
                SplitBehavior.MergedWithPrevious or SplitBehavior.MergedWithNext => matched && !previous,
                _ => false,
            };
            if (joins)
            {
                pieces[^1] = Behavior == SplitBehavior.MergedWithNext
                    ? range.Start..pieces[^1].End
                    : pieces[^1].Start..range.End;
            }
            else if (Behavior != SplitBehavior.Removed || !matched)
            {
                pieces.Add(range);
            }

            previous = matched;
        }
        if (Behavior == SplitBehavior.MergedWithNext)
            pieces.Reverse();
        pieces.RemoveAll(range => range.Start.Value == range.End.Value);
        return pieces;
    }
}
