using System.Text;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Tokens as a sequence in which texts can be searched whatever the merges made of them: bytes, and added tokens whole.</summary>
/// <remarks>
/// A byte is its value, an added token 256 and its id. So a text that spells a special token out, without being that token, is no match for it,
/// and a header is found too where its last newline has merged with the spaces after it.
/// </remarks>
internal sealed class SymbolSequence
{
    private const int FirstAdded = 256;

    private SymbolSequence(int[] symbols, int[] tokenOf)
    {
        Symbols = symbols;
        TokenOf = tokenOf;
    }

    /// <summary>The symbols.</summary>
    public int[] Symbols { get; }

    /// <summary>For every symbol the index of its token.</summary>
    public int[] TokenOf { get; }

    /// <summary>The symbols of tokens.</summary>
    public static SymbolSequence Of(ReadOnlySpan<int> ids, HuggingFaceTokenizer tokenizer)
    {
        int length = 0;
        foreach (int id in ids)
            length += IsWhole(id, tokenizer) ? 1 : tokenizer.TokenBytes(id).Length;
        int[] symbols = new int[length], tokenOf = new int[length];
        int next = 0;
        for (int token = 0; token < ids.Length; token++)
        {
            int id = ids[token];
            if (IsWhole(id, tokenizer))
            {
                tokenOf[next] = token;
                symbols[next++] = FirstAdded + id;
                continue;
            }
            foreach (byte value in tokenizer.TokenBytes(id))
            {
                tokenOf[next] = token;
                symbols[next++] = value;
            }
        }
        return new SymbolSequence(symbols, tokenOf);
    }

    /// <summary>The symbols of a text as they stand within another one: without the space that some tokenizers put before every text.</summary>
    public static int[] Of(string text, HuggingFaceTokenizer tokenizer)
    {
        int[] symbols = Of(tokenizer.Encode(text, addSpecialTokens: false), tokenizer).Symbols;
        return symbols is [' ', ..] && tokenizer.PutsSpaceBefore(text) ? symbols[1..] : symbols;
    }

    /// <summary>The text of symbols.</summary>
    public static string TextOf(ReadOnlySpan<int> symbols, HuggingFaceTokenizer tokenizer)
    {
        StringBuilder text = new();
        List<byte> bytes = new();
        foreach (int symbol in symbols)
        {
            if (!IsAdded(symbol))
            {
                bytes.Add((byte)symbol);
                continue;
            }
            text.Append(Encoding.UTF8.GetString([.. bytes])).Append(tokenizer.Decode([symbol - FirstAdded]));
            bytes.Clear();
        }
        return text.Append(Encoding.UTF8.GetString([.. bytes])).ToString();
    }

    /// <summary>Whether a symbol is an added token.</summary>
    public static bool IsAdded(int symbol) => symbol >= FirstAdded;

    /// <summary>Whether a symbol is a special token.</summary>
    public static bool IsSpecial(int symbol, HuggingFaceTokenizer tokenizer) => IsAdded(symbol) && tokenizer.IsSpecial(symbol - FirstAdded);

    private static bool IsWhole(int id, HuggingFaceTokenizer tokenizer) => tokenizer.IsAdded(id) || tokenizer.TokenBytes(id).IsEmpty;
}
