using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>What Python's <c>isalpha</c>, <c>isdigit</c> and the like ask; an empty text is none of them.</summary>
internal static class CharacterClasses
{
    public static bool AreLetters(string text) => All(text, rune => Rune.IsLetter(rune));

    public static bool AreLettersOrNumbers(string text) => All(text, IsLetterOrNumber);

    public static bool AreDigits(string text) => All(text, rune => Digit(rune) >= 0);

    public static bool AreNumeric(string text) => All(text, IsNumeric);

    public static bool IsLetterOrNumber(Rune rune) => Rune.IsLetter(rune) || IsNumeric(rune);

    private static bool IsNumeric(Rune rune) => Rune.GetNumericValue(rune) >= 0 || Rune.IsNumber(rune);

    private static int Digit(Rune rune)
    {
        string text = rune.ToString();
        return CharUnicodeInfo.GetDigitValue(text, 0);
    }

    private static bool All(string text, Func<Rune, bool> test)
    {
        if (text.Length == 0)
            return false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!test(rune))
                return false;
        }

        return true;
    }
}
