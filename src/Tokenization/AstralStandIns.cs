using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>One character of the basic multilingual plane for every character beyond it, of the same general category.</summary>
/// <remarks>
/// .NET's regular expressions see a surrogate pair as two characters that are no letters; the reference's see one character with its
/// category. Patterns name characters beyond the basic plane by category only, so a stand-in of that category matches the same.
/// </remarks>
internal static class AstralStandIns
{
    private static readonly char[] s_byCategory = Choose();

    /// <summary>Writes the text with one stand-in for every surrogate pair.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    /// <param name="starts">For every character written, and for the end, the position in <paramref name="text"/>.</param>
    public static char[] Write(ReadOnlySpan<char> text, out int[] starts)
    {
        int pairs = 0;
        foreach (char character in text)
            if (char.IsHighSurrogate(character)) pairs++;
        char[] written = new char[text.Length - pairs];
        starts = new int[written.Length + 1];
        for (int from = 0, to = 0; to < written.Length; to++)
        {
            starts[to] = from;
            if (char.IsHighSurrogate(text[from]))
            {
                written[to] = s_byCategory[(int)Rune.GetUnicodeCategory(new Rune(text[from], text[from + 1]))];
                from += 2;
            }
            else
            {
                written[to] = text[from++];
            }
        }
        starts[^1] = text.Length;
        return written;
    }

    /// <summary>Whether a pattern names a stand-in itself, so that it would mistake one for its own character.</summary>
    public static bool CollideWith(string pattern)
    {
        if (pattern.AsSpan().IndexOfAnyExceptInRange('\0', '\u02FF') < 0) return false;
        // only a literal or a range of the pattern can single out a character; categories cannot
        string literals = Regex.Replace(pattern, @"\\[pP]\{\w+\}", "");
        for (int i = 0; i < literals.Length; i++)
        {
            char low = literals[i], high = i + 2 < literals.Length && literals[i + 1] == '-' ? literals[i + 2] : low;
            if (s_byCategory.Any(standIn => standIn != '\0' && standIn >= low && standIn <= high)) return true;
        }
        return false;
    }

    private static char[] Choose()
    {
        char[] chosen = new char[30];
        // down from the end of Meetei Mayek: rare letters, far from what patterns spell out
        for (int code = 0xABFF; code > 0x2FF; code--)
        {
            ref char standIn = ref chosen[(int)CharUnicodeInfo.GetUnicodeCategory((char)code)];
            if (standIn == '\0') standIn = (char)code;
        }
        chosen[(int)UnicodeCategory.PrivateUse] = '\uE000';
        return chosen;
    }
}
