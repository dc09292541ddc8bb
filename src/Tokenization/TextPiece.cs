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

    /// <summary>The piece with other characters in the places of its own.</summary>
    /// <param name="text">As many characters.</param>
    public TextPiece WithText(string text) => new(text, origin, _sources);

    /// <summary>The piece behind a text that is put before it, which gets the range of the character that it is put before.</summary>
    public TextPiece After(string before)
    {
        int first = char.IsHighSurrogate(Text[0]) ? 1 : 0;
        SourceRange source = new(SourceOf(0).Start, SourceOf(first).End);
        SourceRange[] sources = new SourceRange[before.Length + Text.Length];
        sources.AsSpan(0, before.Length).Fill(source);
        for (int i = 0; i < Text.Length; i++)
            sources[before.Length + i] = SourceOf(i);
        return new TextPiece($"{before}{Text}", 0, sources);
    }

    /// <summary>Where the character at an index came from.</summary>
    public SourceRange SourceOf(int index) =>
        _sources.IsEmpty ? new SourceRange(origin + index, origin + index + 1) : _sources[index];
}
