using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Upper, lower and title case as Python maps it: by Unicode's full mappings, where one letter may become two or three.</summary>
internal static class CaseMapping
{
    // each letter followed by its full mapping; all others map as the platform maps them (Unicode's SpecialCasing.txt)
    private const string FullUpper =
        "ßSS ıI ŉʼN ſS ǰJ\u030c ΐΙ\u0308\u0301 ΰΥ\u0308\u0301 ևԵՒ ẖH\u0331 ẗT\u0308 ẘW\u030a ẙY\u030a ẚAʾ ὐΥ\u0313 ὒΥ\u0313\u0300 " +
        "ὔΥ\u0313\u0301 ὖΥ\u0313\u0342 ᾀἈΙ ᾁἉΙ ᾂἊΙ ᾃἋΙ ᾄἌΙ ᾅἍΙ ᾆἎΙ ᾇἏΙ ᾈἈΙ ᾉἉΙ ᾊἊΙ ᾋἋΙ ᾌἌΙ ᾍἍΙ ᾎἎΙ ᾏἏΙ ᾐἨΙ ᾑἩΙ ᾒἪΙ ᾓἫΙ " +
        "ᾔἬΙ ᾕἭΙ ᾖἮΙ ᾗἯΙ ᾘἨΙ ᾙἩΙ ᾚἪΙ ᾛἫΙ ᾜἬΙ ᾝἭΙ ᾞἮΙ ᾟἯΙ ᾠὨΙ ᾡὩΙ ᾢὪΙ ᾣὫΙ ᾤὬΙ ᾥὭΙ ᾦὮΙ ᾧὯΙ ᾨὨΙ ᾩὩΙ ᾪὪΙ ᾫὫΙ ᾬὬΙ ᾭὭΙ ᾮὮΙ " +
        "ᾯὯΙ ᾲᾺΙ ᾳΑΙ ᾴΆΙ ᾶΑ\u0342 ᾷΑ\u0342Ι ᾼΑΙ ῂῊΙ ῃΗΙ ῄΉΙ ῆΗ\u0342 ῇΗ\u0342Ι ῌΗΙ ῒΙ\u0308\u0300 \u1fd3Ι\u0308\u0301 " +
        "ῖΙ\u0342 ῗΙ\u0308\u0342 ῢΥ\u0308\u0300 \u1fe3Υ\u0308\u0301 ῤΡ\u0313 ῦΥ\u0342 ῧΥ\u0308\u0342 ῲῺΙ ῳΩΙ ῴΏΙ ῶΩ\u0342 " +
        "ῷΩ\u0342Ι ῼΩΙ ﬀFF ﬁFI ﬂFL ﬃFFI ﬄFFL ﬅST ﬆST ﬓՄՆ ﬔՄԵ ﬕՄԻ ﬖՎՆ ﬗՄԽ";

    private const string FullTitle =
        "ßSs ıI ŉʼN ſS Ǆǅ ǅǅ ǆǅ Ǉǈ ǈǈ ǉǈ Ǌǋ ǋǋ ǌǋ ǰJ\u030c Ǳǲ ǲǲ ǳǲ ΐΙ\u0308\u0301 ΰΥ\u0308\u0301 ևԵւ ẖH\u0331 ẗT\u0308 " +
        "ẘW\u030a ẙY\u030a ẚAʾ ὐΥ\u0313 ὒΥ\u0313\u0300 ὔΥ\u0313\u0301 ὖΥ\u0313\u0342 ᾲᾺ\u0345 ᾴΆ\u0345 ᾶΑ\u0342 ᾷΑ\u0342\u0345 " +
        "ῂῊ\u0345 ῄΉ\u0345 ῆΗ\u0342 ῇΗ\u0342\u0345 ῒΙ\u0308\u0300 \u1fd3Ι\u0308\u0301 ῖΙ\u0342 ῗΙ\u0308\u0342 ῢΥ\u0308\u0300 " +
        "\u1fe3Υ\u0308\u0301 ῤΡ\u0313 ῦΥ\u0342 ῧΥ\u0308\u0342 ῲῺ\u0345 ῴΏ\u0345 ῶΩ\u0342 ῷΩ\u0342\u0345 ﬀFf ﬁFi ﬂFl " +
        "ﬃFfi ﬄFfl ﬅSt ﬆSt ﬓՄն ﬔՄե ﬕՄի ﬖՎն ﬗՄխ";

    private static readonly Dictionary<int, string> s_uppers = Table(FullUpper);
    private static readonly Dictionary<int, string> s_titles = Table(FullTitle);

    public static string Upper(string text) => Ascii.IsValid(text) ? text.ToUpperInvariant() : Map(text, (_, rune) => UpperOf(rune));

    public static string Lower(string text) => Ascii.IsValid(text) ? text.ToLowerInvariant() : Map(text, LowerOf);

    public static string Swap(string text) => Map(text, (at, rune) => IsUpper(rune) ? LowerOf(at, rune) : IsLower(rune) ? UpperOf(rune) : rune.ToString());

    /// <summary>The first letter in title case, all others in lower case.</summary>
    public static string Capitalize(string text) => Map(text, (at, rune) => at.Index == 0 ? TitleOf(rune) : LowerOf(at, rune));

    /// <summary>The first letter of each run of letters in title case, all others in lower case.</summary>
    public static string Title(string text)
    {
        bool inWord = false;
        return Map(text, (at, rune) =>
        {
            string mapped = inWord ? LowerOf(at, rune) : TitleOf(rune);
            inWord = IsCased(rune);
            return mapped;
        });
    }

    /// <summary>Whether there are letters with case, and all of them are upper case.</summary>
    public static bool IsUpper(string text) => text.EnumerateRunes().Any(IsUpper) && !text.EnumerateRunes().Any(rune => IsLower(rune) || IsTitle(rune));

    /// <summary>Whether there are letters with case, and all of them are lower case.</summary>
    public static bool IsLower(string text) => text.EnumerateRunes().Any(IsLower) && !text.EnumerateRunes().Any(rune => IsUpper(rune) || IsTitle(rune));

    /// <summary>Whether each run of letters begins in upper or title case and goes on in lower case.</summary>
    public static bool IsTitle(string text)
    {
        bool inWord = false;
        bool any = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool begins = IsUpper(rune) || IsTitle(rune);
            if (begins ? inWord : IsLower(rune) && !inWord)
                return false;
            inWord = IsCased(rune);
            any |= inWord;
        }
        return any;
    }

    private static bool IsCased(Rune rune) => IsUpper(rune) || IsLower(rune) || IsTitle(rune);

    private static bool IsTitle(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter;

    // Unicode's Other_Uppercase: Roman numerals and letters in circles or squares
    private static bool IsUpper(Rune rune) => Rune.IsUpper(rune)
        || rune.Value is (>= 0x2160 and <= 0x216f) or (>= 0x24b6 and <= 0x24cf)
            or (>= 0x1f130 and <= 0x1f149) or (>= 0x1f150 and <= 0x1f169) or (>= 0x1f170 and <= 0x1f189);

    // Unicode's Other_Lowercase
    private static bool IsLower(Rune rune) => Rune.IsLower(rune)
        || rune.Value is 0xaa or 0xba or (>= 0x2b0 and <= 0x2b8) or 0x2c0 or 0x2c1 or (>= 0x2e0 and <= 0x2e4) or 0x345 or 0x37a
            or (>= 0x1d2c and <= 0x1d6a) or 0x1d78 or (>= 0x1d9b and <= 0x1dbf) or 0x2071 or 0x207f or (>= 0x2090 and <= 0x209c)
            or (>= 0x2170 and <= 0x217f) or (>= 0x24d0 and <= 0x24e9) or 0x2c7c or 0x2c7d or 0xa69c or 0xa69d or 0xa770 or 0xa7f8 or 0xa7f9
            or (>= 0xab5c and <= 0xab5f) or 0x10780 or (>= 0x10783 and <= 0x10785) or (>= 0x10787 and <= 0x107b0) or (>= 0x107b2 and <= 0x107ba);

    private static string UpperOf(Rune rune) => s_uppers.TryGetValue(rune.Value, out string? full) ? full : Rune.ToUpperInvariant(rune).ToString();

    private static string TitleOf(Rune rune)
    {
        if (s_titles.TryGetValue(rune.Value, out string? full))
            return full;
        // Georgian letters have capitals for headlines only
        return rune.Value is >= 0x10d0 and <= 0x10ff ? rune.ToString() : Rune.ToUpperInvariant(rune).ToString();
    }

    private static string LowerOf((string Text, int Index) at, Rune rune) => rune.Value switch
    {
        0x130 => "i\u0307",
        0x3a3 => IsFinalSigma(at.Text, at.Index) ? "\u03c2" : "\u03c3",
        _ => Rune.ToLowerInvariant(rune).ToString(),
    };

    // a sigma after a letter and before none, whatever stands between that has no case of its own
    private static bool IsFinalSigma(string text, int index)
    {
        int before = index - 1;
        while (before >= 0 && IsCaseIgnorable(RuneBefore(text, before)))
            before -= RuneBefore(text, before).Utf16SequenceLength;
        if (before < 0 || !IsCased(RuneBefore(text, before)))
            return false;
        int after = index + 1;
        while (after < text.Length && IsCaseIgnorable(RuneAt(text, after)))
            after += RuneAt(text, after).Utf16SequenceLength;
        return after >= text.Length || !IsCased(RuneAt(text, after));
    }

    private static bool IsCaseIgnorable(Rune rune) => rune.Value is '\'' or '.' or ':' or '^' or '`' or 0xa8 or 0xad or 0xaf or 0xb4 or 0xb7 or 0xb8 or 0x2019
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;

    private static Rune RuneAt(string text, int index) => Rune.TryGetRuneAt(text, index, out Rune rune) ? rune : Rune.ReplacementChar;

    private static Rune RuneBefore(string text, int last) => RuneAt(text, last > 0 && char.IsLowSurrogate(text[last]) ? last - 1 : last);

    private static string Map(string text, Func<(string Text, int Index), Rune, string> map)
    {
        StringBuilder mapped = new(text.Length);
        for (int i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out Rune rune))
            {
                mapped.Append(text[i++]);
                continue;
            }
            mapped.Append(map((text, i), rune));
            i += rune.Utf16SequenceLength;
        }
        return mapped.ToString();
    }

    private static Dictionary<int, string> Table(string entries) =>
        entries.Split(' ').ToDictionary(entry => (int)entry[0], entry => entry[1..]);
}
