using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Unicode's word characters (UTS 18, annex C): alphabetic, marks, decimal digits, connectors and joiners.</summary>
internal static class WordCharacters
{
    /// <summary>Whether a character is one of them.</summary>
    public static bool Contain(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber or
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation => true,
        // circled and squared Latin letters are alphabetic symbols; the joiners are format characters
        _ => rune.Value is >= 0x24B6 and <= 0x24E9 or >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169
            or >= 0x1F170 and <= 0x1F189 or 0x200C or 0x200D,
    };
}
