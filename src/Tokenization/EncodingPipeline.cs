using System.Text;
using MiniMind.MLNet.Dpo.Tokenization.Normalization;
using MiniMind.MLNet.Dpo.Tokenization.Splitting;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>The way of a text to tokens: added tokens, normalization, words, merges.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class EncodingPipeline
{
    private readonly Normalizer _normalizer;
    private readonly WordSplitter _words;
    private readonly SequenceFrame _frame;
    private readonly AddedTokenMatcher? _addedTokens;
    private readonly AddedTokenMatcher? _normalizedAddedTokens;

    public EncodingPipeline(TokenizerDefinition definition, IReadOnlyCollection<AddedToken> addedTokens, SequenceFrame frame)
    {
        _normalizer = definition.Normalizer;
        _words = definition.Words;
        _frame = frame;
        _addedTokens = AddedTokenMatcher.For(addedTokens.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _normalizedAddedTokens = AddedTokenMatcher.For(
            addedTokens.Where(token => token.Normalized).Select(token => (_normalizer.Apply(token.Content), token)).Where(token => token.Item1.Length > 0));
    }

    /// <summary>Whether a space, or what stands for it, is put before a text that begins with no added token.</summary>
    public bool PutsSpaceBefore(string text) => _normalizer.Prepends || (_words.Prepends && !text.StartsWith(' '));

    /// <summary>Gives the tokens of a text to the output.</summary>
    /// <param name="text">The text; lone surrogates count as U+FFFD.</param>
    /// <param name="output">Where the tokens go.</param>
    /// <param name="frames">Whether the ids of the post-processor are put around the text.</param>
    /// <param name="normalizes">Whether the normalizer is used.</param>
    /// <param name="splits">Whether the pre-tokenizer cuts the text into words.</param>
    /// <param name="literals">Characters that belong to no added token.</param>
    public void Encode(ReadOnlySpan<char> text, TokenSink output, bool frames = true, bool normalizes = true, bool splits = true,
        LiteralCharacters literals = default)
    {
        if (frames)
        {
            foreach (int id in _frame.Before)
                output.AddToken(id, 0, 0);
        }

        text = WellFormed(text);
        int searchFrom = 0, covered = 0;
        while (_addedTokens is not null && _addedTokens.TryNext(
            new TextPiece(text, 0), literals, ref searchFrom, covered, output.Budget, out AddedTokenMatch match))
        {
            if (match.Start > covered)
                EncodePiece(new TextPiece(text[covered..match.Start], covered), output, normalizes, splits, literals);
            output.AddToken(match.Token.Id, match.Start, match.End);
            covered = match.End;
        }
        if (covered < text.Length)
            EncodePiece(new TextPiece(text[covered..], covered), output, normalizes, splits, literals);
        if (frames)
        {
            foreach (int id in _frame.After)
                output.AddToken(id, 0, 0);
        }
    }

    private void EncodePiece(TextPiece piece, TokenSink output, bool normalizes, bool splits, LiteralCharacters literals)
    {
        if (normalizes)
            piece = _normalizer.Apply(piece, output.Budget);
        int searchFrom = 0, covered = 0;
        while (_normalizedAddedTokens is not null && _normalizedAddedTokens.TryNext(
            piece, literals, ref searchFrom, covered, output.Budget, out AddedTokenMatch match))
        {
            if (match.Start > covered)
                EncodeWords(piece.Slice(covered, match.Start - covered), output, splits);
            output.AddToken(match.Token.Id, piece.SourceOf(match.Start).Start, piece.SourceOf(match.End - 1).End);
            covered = match.End;
        }
        if (covered < piece.Text.Length)
            EncodeWords(piece.Slice(covered, piece.Text.Length - covered), output, splits);
    }

    private void EncodeWords(TextPiece piece, TokenSink output, bool splits)
    {
        if (splits)
            _words.Split(piece, output);
        else
            output.AddWord(piece);
    }

    private static ReadOnlySpan<char> WellFormed(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF'))
            return text;
        char[]? mended = null;
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (Rune.TryCreate(text[i], i + 1 < text.Length ? text[i + 1] : '\0', out _))
                i++;
            else
                (mended ??= text.ToArray())[i] = '\uFFFD';
        }
        return mended ?? text;
    }
}
