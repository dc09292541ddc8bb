using System.Buffers;
using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Finds the prompt that two string answers begin with.</summary>
/// <remarks>
/// The prompt is the longest common beginning that ends between words: never inside a run of letters and digits with its accents and
/// joiners ("don't", "3.14", "well-known") and the signs that open it ("(word", "$5"), a run of ASCII signs, or a character of several
/// code points; between ideographs it may end.
/// One space before the answers belongs to the answers, as in TRL's <c>extract_prompt</c>: <c>"The sky is blue."</c> and
/// <c>"The sky is green."</c> divide into <c>"The sky is"</c>, <c>" blue."</c> and <c>" green."</c>.
/// </remarks>
internal static class ImplicitPrompt
{
    /// <summary>The prompt's length in UTF-16 code units; 0 where the texts share no whole word.</summary>
    public static int Length(string chosen, string rejected)
    {
        int cut = chosen.AsSpan().CommonPrefixLength(rejected);
        int[] chosenCharacters = StringInfo.ParseCombiningCharacters(chosen);
        int[] rejectedCharacters = StringInfo.ParseCombiningCharacters(rejected);
        while (cut > 0 && !(MayCut(chosen, chosenCharacters, cut) && MayCut(rejected, rejectedCharacters, cut)))
            cut--;
        return cut > 0 && chosen[cut - 1] == ' ' ? cut - 1 : cut;
    }

    private static bool MayCut(string text, int[] characterStarts, int at)
    {
        if (at == text.Length)
            return true;
        if (Array.BinarySearch(characterStarts, at) < 0)
            return false;
        Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out Rune left, out int leftLength);
        Rune.DecodeFromUtf16(text.AsSpan(at), out Rune right, out int rightLength);
        if (IsWord(left) && IsWord(right))
            return IsIdeograph(right) || (IsIdeograph(left) && right.IsAscii);
        if (IsWord(right) && Opens(text, at))
            return false;
        if (Joins(text, at - leftLength, leftLength, left) || Joins(text, at, rightLength, right))
            return false;
        return !(IsAsciiSign(left) && IsAsciiSign(right)) && !(left == right && !Rune.IsWhiteSpace(left));
    }

    // Whether the sign or signs before this place open the word after it, as in "(word", "$5" or "<|word|>".
    private static bool Opens(string text, int at)
    {
        int start = at;
        while (start > 0 && IsOpening(text[start - 1]))
            start--;
        return start < at && (start == 0 || char.IsWhiteSpace(text[start - 1]) || !char.IsAscii(text[at - 1]));
    }

    private static bool IsOpening(char sign) => char.IsAscii(sign)
        ? char.IsPunctuation(sign) || char.IsSymbol(sign)
        : char.GetUnicodeCategory(sign) is UnicodeCategory.OpenPunctuation or UnicodeCategory.InitialQuotePunctuation;

    // Whether the sign at this place holds what is left and right of it together; a comma and a colon do so for digits only.
    private static bool Joins(string text, int at, int length, Rune sign)
    {
        if (sign.Value is not ('\'' or '’' or '-' or '‐' or '·' or '.' or ',' or ':'))
            return false;
        if (Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out Rune before, out _) != OperationStatus.Done
            || Rune.DecodeFromUtf16(text.AsSpan(at + length), out Rune after, out _) != OperationStatus.Done)
        {
            return false;
        }

        return sign.Value is ',' or ':' ? Rune.IsDigit(before) && Rune.IsDigit(after) : IsWord(before) && IsWord(after);
    }

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber or UnicodeCategory.NonSpacingMark
        or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ConnectorPunctuation;

    private static bool IsAsciiSign(Rune rune) => rune.IsAscii && (Rune.IsPunctuation(rune) || Rune.IsSymbol(rune));

    private static bool IsIdeograph(Rune rune) => rune.Value is (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (
        >= 0x20000 and <= 0x323AF) or 0x3007;
}
