namespace MiniMind.MLNet.Dpo.Tokenization.Splitting;

/// <summary>Cuts a piece of text into words, each of which the model sees alone.</summary>
/// <param name="steps">The steps, each on the pieces of the one before.</param>
/// <param name="isByteLevel">Whether words are then written in the byte-level alphabet.</param>
/// <param name="addsPrefixSpace">Whether every piece then gets a space before it, if it has none.</param>
/// <param name="final">The split after that, or <see langword="null"/>.</param>
internal sealed class WordSplitter(IReadOnlyList<IWordStep> steps, bool isByteLevel, bool addsPrefixSpace, SplitStep? final)
{
    /// <summary>The steps before the last split.</summary>
    public IReadOnlyList<IWordStep> Steps => steps;

    /// <summary>The last split, if there is one.</summary>
    public SplitStep? Final => final;

    /// <summary>Whether words are written in the byte-level alphabet.</summary>
    public bool IsByteLevel => isByteLevel;

    /// <summary>Whether every piece gets a space before it.</summary>
    public bool AddsPrefixSpace => addsPrefixSpace;

    /// <summary>Whether a text that begins with no space gets one, or what stands for it.</summary>
    public bool Prepends => addsPrefixSpace || steps.Any(step => step is MetaspaceStep { Scheme: not PrependScheme.Never });

    /// <summary>The same splitter with or without the space.</summary>
    public WordSplitter WithPrefixSpace(bool adds) => new(steps, isByteLevel, adds, final);

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
            if (steps[step] is SplitStep split)
                Apply(split, piece, step, output);
            else
                Apply(steps[step], piece, step, output);
        }
        else
        {
            if (addsPrefixSpace && !piece.Text.StartsWith(' '))
                piece = piece.After(" ");
            if (final is null)
                output.AddWord(piece);
            else
                Apply(final, piece, step, output);
        }
    }

    private void Apply(IWordStep other, TextPiece piece, int step, TokenSink output)
    {
        piece = other.Prepare(piece);
        foreach (Range range in other.Split(piece.Text, output.Budget))
            Split(piece.Slice(range.Start.Value, range.End.Value - range.Start.Value), step + 1, output);
    }

    private void Apply(SplitStep split, TextPiece piece, int step, TokenSink output)
    {
        if (split.Behavior != SplitBehavior.Isolated)
        {
            Apply((IWordStep)split, piece, step, output);
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
}
