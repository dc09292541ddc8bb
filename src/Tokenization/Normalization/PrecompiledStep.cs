using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>Replaces characters by SentencePiece's compiled rules, as the reference does.</summary>
/// <remarks>
/// What a reader takes for one character is looked up as a whole, if it has less than six bytes, and else its characters one by one. Where only the beginning
/// of it has a rule, the rest of it goes; that is the reference's way, not SentencePiece's.
/// </remarks>
internal sealed class PrecompiledStep(CharacterRules rules) : INormalizerStep
{
    private const int LongestWhole = 5;

    /// <inheritdoc/>
    public TextPiece Apply(TextPiece piece, EncodingBudget budget)
    {
        ReadOnlySpan<char> text = piece.Text;
        PieceBuilder changed = new(text.Length);
        Span<byte> bytes = stackalloc byte[LongestWhole];
        int start = 0;
        while (start < text.Length)
        {
            int end = start + StringInfo.GetNextTextElementLength(text[start..]);
            if (!Encoding.UTF8.TryGetBytes(text[start..end], bytes, out int length) || !TryReplace(bytes[..length], start, end, piece, changed))
            {
                for (int next = start; next < end;)
                {
                    int one = next + (char.IsHighSurrogate(text[next]) ? 2 : 1);
                    length = Encoding.UTF8.GetBytes(text[next..one], bytes);
                    if (!TryReplace(bytes[..length], next, one, piece, changed))
                        changed.Copy(piece, next, one);
                    next = one;
                }
            }
            start = end;
        }
        return changed.ToPiece();
    }

    private bool TryReplace(ReadOnlySpan<byte> bytes, int start, int end, TextPiece piece, PieceBuilder changed)
    {
        if (rules.Find(bytes) is not { } text)
            return false;
        changed.Add(text, new SourceRange(piece.SourceOf(start).Start, piece.SourceOf(end - 1).End));
        return true;
    }
}
