using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization.Splitting;

/// <summary>Takes runs of word characters, and runs of others, and leaves white space out (<c>\w+|[^\w\s]+</c>).</summary>
internal sealed record WordRunsStep : IWordStep
{
    private enum Kind
    {
        Space,
        Word,
        Other,
    }

    /// <inheritdoc/>
    public List<Range> Split(ReadOnlySpan<char> text, EncodingBudget budget)
    {
        List<Range> pieces = new();
        int first = 0, start = 0;
        Kind run = Kind.Space;
        foreach (Rune rune in text.EnumerateRunes())
        {
            Kind kind = Rune.IsWhiteSpace(rune) ? Kind.Space : WordCharacters.Contain(rune) ? Kind.Word : Kind.Other;
            if (kind != run)
            {
                if (run != Kind.Space)
                    pieces.Add(first..start);
                (first, run) = (start, kind);
            }
            start += rune.Utf16SequenceLength;
        }
        if (run != Kind.Space)
            pieces.Add(first..start);
        return pieces;
    }
}
