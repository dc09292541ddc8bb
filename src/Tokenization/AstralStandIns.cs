using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>One character of the basic multilingual plane for every character beyond it, of the same general category.</summary>
/// <remarks>
/// .NET's regular expressions see a surrogate pair as two characters that are no letters; the reference's see one character with its
/// category. Patterns name characters beyond the basic plane by category only, so a stand-in of that category matches the same.
/// </remarks>
internal sealed partial class AstralStandIns
{
    private readonly char[] _byCategory = new char[30];

    /// <summary>Chooses stand-ins that a pattern does not name itself: it would mistake one for its own character.</summary>
    /// <param name="pattern">The pattern in .NET's syntax.</param>
    /// <exception cref="FormatException">The pattern names so many characters that none is left.</exception>
    public AstralStandIns(string pattern)
    {
        // only a literal or a range can single a character out; categories cannot
        string literals = UnicodeCategories().Replace(pattern, "");
        // down from the end of Meetei Mayek: rare characters, far from what patterns spell out
        for (int code = 0xABFF; code > 0x2FF; code--)
            Choose((char)code, literals);
        Choose('\uE000', literals);
        foreach (UnicodeCategory category in Enum.GetValues<UnicodeCategory>())
        {
            if (_byCategory[(int)category] == '\0' && category is not (UnicodeCategory.Surrogate or UnicodeCategory.Control))
                throw new FormatException($"the pattern names every {category} character");
        }
    }

    /// <summary>Writes the text with one stand-in for every surrogate pair.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    /// <param name="starts">For every character written, and for the end, the position in <paramref name="text"/>.</param>
    public char[] Write(ReadOnlySpan<char> text, out int[] starts)
    {
        int pairs = 0;
        foreach (char character in text)
        {
            if (char.IsHighSurrogate(character))
                pairs++;
        }

        char[] written = new char[text.Length - pairs];
        starts = new int[written.Length + 1];
        for (int from = 0, to = 0; to < written.Length; to++)
        {
            starts[to] = from;
            if (char.IsHighSurrogate(text[from]))
            {
                written[to] = _byCategory[(int)Rune.GetUnicodeCategory(new Rune(text[from], text[from + 1]))];
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

    private void Choose(char candidate, string literals)
    {
        ref char chosen = ref _byCategory[(int)CharUnicodeInfo.GetUnicodeCategory(candidate)];
        if (chosen != '\0')
            return;
        for (int i = 0; i < literals.Length; i++)
        {
            char low = literals[i], high = i + 2 < literals.Length && literals[i + 1] == '-' ? literals[i + 2] : low;
            if (candidate >= low && candidate <= high)
                return;
        }
        chosen = candidate;
    }

    [GeneratedRegex(@"\\[pP]\{\w+\}")]
    private static partial Regex UnicodeCategories();
}
