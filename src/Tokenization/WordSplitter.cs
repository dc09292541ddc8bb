namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Cuts a piece of text into words, each of which the merges see alone.</summary>
/// <param name="steps">The splits, each on the pieces of the one before.</param>
/// <param name="addsPrefixSpace">Whether every piece then gets a space before it, if it has none.</param>
/// <param name="final">The split after that, or <see langword="null"/>.</param>
internal sealed class WordSplitter(IReadOnlyList<SplitStep> steps, bool addsPrefixSpace, SplitStep? final)
{
    /// <summary>The splits before the last one.</summary>
    public IReadOnlyList<SplitStep> Steps => steps;

    /// <summary>The last split, if there is one.</summary>
    public SplitStep? Final => final;

    /// <summary>Whether every piece gets a space before it.</summary>
    public bool AddsPrefixSpace => addsPrefixSpace;

    /// <summary>The same splitter with or without the space.</summary>
    public WordSplitter WithPrefixSpace(bool adds) => new(steps, adds, final);

    /// <summary>Gives the words of a piece to the output, in order.</summary>
    public void Split(TextPiece piece, TokenSink output) => Split(piece, 0, output);

    private void Split(TextPiece piece, int step, TokenSink output)
    {
        if (step > steps.Count)
        {
            output.AddWord(piece);
        }
        else if (step < steps.Count)
        {
            Apply(steps[step], piece, step, output);
        }
        else
        {
            if (addsPrefixSpace && !piece.Text.StartsWith(' '))
                piece = WithSpace(piece);
            if (final is null)
                output.AddWord(piece);
            else
                Apply(final, piece, step, output);
        }
    }

    private void Apply(SplitStep split, TextPiece piece, int step, TokenSink output)
    {
        if (split.Behavior != SplitBehavior.Isolated)
        {
            foreach (Range range in split.Split(piece.Text, output.Budget))
                Split(piece.Slice(range.Start.Value, range.End.Value - range.Start.Value), step + 1, output);
            return;
        }
        // the usual behavior, without lists: matches and what lies between them are pieces alike
        int covered = 0;
        foreach ((int start, int end) in split.Pattern.Matches(piece.Text, output.Budget))
        {
            if (start > covered)
                Split(piece.Slice(covered, start - covered), step + 1, output);
            if (end > start)
                Split(piece.Slice(start, end - start), step + 1, output);
            covered = end;
        }
        if (covered < piece.Text.Length)
            Split(piece.Slice(covered, piece.Text.Length - covered), step + 1, output);
    }

    private static TextPiece WithSpace(TextPiece piece)
    {
        // the reference gives the space the range of the character that it is put before
        int first = char.IsHighSurrogate(piece.Text[0]) ? 1 : 0;
        SourceRange[] sources = [new SourceRange(piece.SourceOf(0).Start, piece.SourceOf(first).End), .. piece.Sources()];
        return new TextPiece($" {piece.Text}", 0, sources);
    }
}
