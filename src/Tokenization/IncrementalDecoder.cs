using System.Text;
using MiniMind.MLNet.Dpo.Tokenization.Decoding;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>
/// Decodes tokens one by one; what it gives out, put together, is what <see cref="HuggingFaceTokenizer.Decode(ReadOnlySpan{int}, bool)"/> gives for all of
/// them.
/// </summary>
/// <remarks>Bytes of an unfinished character are held back until the character is whole or broken. Not thread-safe: one for each text.</remarks>
/// <param name="tokenizer">Knows the tokens.</param>
/// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
/// <param name="goesOn">Whether there is a text before, so that no token is the first of one.</param>
internal sealed class IncrementalDecoder(HuggingFaceTokenizer tokenizer, bool skipSpecialTokens = false, bool goesOn = false)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly TextEnds _ends = new(tokenizer.DecoderPlan, goesOn);
    private bool _hasBegun = goesOn;

    /// <summary>The text that a further token completes; often empty within a character.</summary>
    public string Append(int id)
    {
        if (skipSpecialTokens && tokenizer.IsSpecial(id))
            return "";
        ReadOnlySpan<byte> bytes = _hasBegun ? tokenizer.TokenBytes(id) : tokenizer.FirstTokenBytes(id);
        _hasBegun |= !tokenizer.TokenBytes(id).IsEmpty;
        return _ends.Append(Decode(bytes, flush: false));
    }

    /// <summary>What is left at the end: a replacement character if the last character is unfinished, else nothing.</summary>
    public string Flush() => _ends.Append(Decode([], flush: true));

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        char[] characters = new char[_decoder.GetCharCount(bytes, flush)];
        int length = _decoder.GetChars(bytes, characters, flush);
        return new string(characters, 0, length);
    }
}
