namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>A part of the text on its way to tokens, and where each of its characters stood in the text as it was given.</summary>
/// <param name="text">The characters, normalized or with a space put before them where the tokenizer does that.</param>
/// <param name="origin">Where the piece starts in the given text, while the characters are still the given ones.</param>
/// <param name="sources">For every character the range that it came from; empty while the characters are the given ones.</param>
internal readonly ref struct TextPiece(ReadOnlySpan<char> text, int origin, ReadOnlySpan<SourceRange> sources = default)
{
    private readonly ReadOnlySpan<SourceRange> _sources = sources;

    /// <summary>The characters.</summary>
    public ReadOnlySpan<char> Text { get; } = text;

    /// <summary>A part of this piece.</summary>
    public TextPiece Slice(int start, int length) =>
        new(Text.Slice(start, length), origin + start, _sources.IsEmpty ? default : _sources.Slice(start, length));

    /// <summary>Where the character at an index came from.</summary>
    public SourceRange SourceOf(int index) =>
        _sources.IsEmpty ? new SourceRange(origin + index, origin + index + 1) : _sources[index];

    /// <summary>The sources of all characters, written out.</summary>
    public SourceRange[] Sources()
    {
        SourceRange[] sources = new SourceRange[Text.Length];
        for (int i = 0; i < sources.Length; i++)
            sources[i] = SourceOf(i);
        return sources;
    }
}
