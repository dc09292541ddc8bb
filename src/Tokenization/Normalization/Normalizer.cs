namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>What is done to a text before it is cut into words: steps, one after the other.</summary>
internal sealed class Normalizer(IReadOnlyList<INormalizerStep> steps)
{
    /// <summary>The steps.</summary>
    public IReadOnlyList<INormalizerStep> Steps => steps;

    /// <summary>Whether something is put before every text.</summary>
    public bool Prepends => steps.Any(step => step is PrependStep);

    /// <summary>The normalized piece.</summary>
    /// <exception cref="InvalidDataException">The steps make too much of it, or take too long.</exception>
    public TextPiece Apply(TextPiece piece, EncodingBudget budget)
    {
        int most = piece.Text.Length * TokenizerLimits.NormalizedGrowth + TokenizerLimits.NormalizedAnyway;
        foreach (INormalizerStep step in steps)
        {
            if (piece.Text.IsEmpty)
                return piece;
            piece = step.Apply(piece, budget);
            if (piece.Text.Length > most)
            {
                throw new InvalidDataException(
                    $"{TokenizerText.FileName}: the normalizer makes more than {most} characters of a text; its steps put in too much.");
            }
        }
        return piece;
    }

    /// <summary>The normalized text.</summary>
    public string Apply(string text) => steps.Count == 0 ? text : Apply(new TextPiece(text, 0), new EncodingBudget(text.Length)).Text.ToString();
}
