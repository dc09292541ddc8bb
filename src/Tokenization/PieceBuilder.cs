using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Puts a changed piece of text together, with the sources of its characters.</summary>
internal sealed class PieceBuilder(int capacity)
{
    private readonly StringBuilder _text = new(capacity);
    private readonly List<SourceRange> _sources = new(capacity);

    /// <summary>How many characters it has.</summary>
    public int Length => _text.Length;

    /// <summary>Adds a part of a piece as it is.</summary>
    public void Copy(TextPiece piece, int start, int end)
    {
        _text.Append(piece.Text[start..end]);
        for (int i = start; i < end; i++)
            _sources.Add(piece.SourceOf(i));
    }

    /// <summary>Adds text that stands for a range of the given text.</summary>
    public void Add(ReadOnlySpan<char> text, SourceRange source)
    {
        _text.Append(text);
        for (int i = 0; i < text.Length; i++)
            _sources.Add(source);
    }

    /// <summary>The piece.</summary>
    public TextPiece ToPiece() => new(_text.ToString(), 0, _sources.ToArray());
}
