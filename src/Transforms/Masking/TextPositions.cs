using System.Text;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>A text in tokens and in symbols, and which symbol stands where in it.</summary>
internal sealed class TextPositions
{
    private readonly string _text;
    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly IReadOnlyList<TokenSpan> _tokens;
    private readonly int[] _firstSymbols;

    public TextPositions(string text, HuggingFaceTokenizer tokenizer)
    {
        _text = text;
        _tokenizer = tokenizer;
        _tokens = tokenizer.EncodeWithSpans(text, addSpecialTokens: false);
        Ids = [.. _tokens.Select(token => token.Id)];
        Sequence = SymbolSequence.Of(Ids, tokenizer);
        _firstSymbols = new int[_tokens.Count + 1];
        _firstSymbols[^1] = Sequence.Symbols.Length;
        for (int symbol = Sequence.TokenOf.Length - 1; symbol >= 0; symbol--)
            _firstSymbols[Sequence.TokenOf[symbol]] = symbol;
    }

    /// <summary>The tokens.</summary>
    public int[] Ids { get; }

    /// <summary>The symbols.</summary>
    public SymbolSequence Sequence { get; }

    /// <summary>The first symbol of what stands at a position of the text, or behind it.</summary>
    public int SymbolAt(int position)
    {
        int token = 0;
        while (token < _tokens.Count && _tokens[token].Start + _tokens[token].Length <= position)
            token++;
        if (token == _tokens.Count)
            return Sequence.Symbols.Length;
        int first = _firstSymbols[token], count = _firstSymbols[token + 1] - first;
        if (_tokens[token].Start >= position)
            return first;
        // an added token counts as its own text: white space that it swallows has no symbol
        if (count == 1 && SymbolSequence.IsAdded(Sequence.Symbols[first]))
            return first + 1;
        // what the tokenizer put before the text, such as SentencePiece's space, comes before the token's own
        ReadOnlySpan<char> own = _text.AsSpan(_tokens[token].Start, _tokens[token].Length);
        int putIn = Math.Max(count - Encoding.UTF8.GetByteCount(own), 0);
        return first + Math.Min(count, putIn + Encoding.UTF8.GetByteCount(own[..(position - _tokens[token].Start)]));
    }
}
