namespace MiniMind.MLNet.Dpo.Tokenization.Splitting;

/// <summary>Splits by a pattern.</summary>
/// <param name="Pattern">What is looked for.</param>
/// <param name="Behavior">What is done with it.</param>
/// <param name="Invert">Whether the text between the matches counts as matched, and the matches do not.</param>
internal sealed record SplitStep(SplitPattern Pattern, SplitBehavior Behavior, bool Invert) : IWordStep
{
    /// <inheritdoc/>
    public List<Range> Split(ReadOnlySpan<char> text, EncodingBudget budget) =>
        SplitSegments.Pieces(Pattern.Segments(text, budget), Behavior, Invert);
}
