using System.Diagnostics.CodeAnalysis;
using System.Text;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Text as Python sees it: a row of code points, and Python's idea of white space and lines.</summary>
internal static class PythonText
{
    private static readonly string[] s_singleCharacters = [.. Enumerable.Range(0, 128).Select(c => ((char)c).ToString())];

    /// <summary>The text of a string, marked as HTML or not.</summary>
    public static bool TryGet(object? value, [NotNullWhen(true)] out string? text)
    {
        text = value as string ?? (value as MarkupText)?.Text;
        return text is not null;
    }

    /// <summary><paramref name="text"/> marked as HTML if <paramref name="like"/> is.</summary>
    public static object Like(object? like, string text) => like is MarkupText ? new MarkupText(text) : text;

    public static bool IsSpace(char character) => char.IsWhiteSpace(character) || character is >= '\x1c' and <= '\x1f';

    public static bool IsLineEnd(char character) => character is '\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029';

    /// <summary>Whether some code points take two characters, so that positions must be counted.</summary>
    public static bool HasPairs(string text) => text.AsSpan().ContainsAnyInRange('\ud800', '\udfff');

    /// <summary>How many code points the text has.</summary>
    public static int Length(string text)
    {
        if (!HasPairs(text))
            return text.Length;
        int count = 0;
        for (int i = 0; i < text.Length; i += WidthAt(text, i))
            count++;
        return count;
    }

    /// <summary>How many characters the code point at a place takes.</summary>
    public static int WidthAt(string text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;

    /// <summary>The character index of the code point with the given number; the text's end for numbers past it.</summary>
    public static int IndexOfCodePoint(string text, long number)
    {
        if (!HasPairs(text))
            return (int)Math.Min(number, text.Length);
        int index = 0;
        for (long i = 0; i < number && index < text.Length; i++)
            index += WidthAt(text, index);
        return index;
    }

    /// <summary>The number of the code point at a character index.</summary>
    public static int CodePointAt(string text, int index) => HasPairs(text) ? Length(text[..index]) : index;

    /// <summary>The code points, each as a string.</summary>
    public static IEnumerable<string> CodePoints(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            int width = WidthAt(text, i);
            yield return width == 1 ? Single(text[i]) : text.Substring(i, 2);
            i += width;
        }
    }

    public static string Single(char character) => character < 128 ? s_singleCharacters[character] : character.ToString();

    public static string Reverse(string text)
    {
        char[] reversed = new char[text.Length];
        for (int i = 0; i < text.Length;)
        {
            int width = WidthAt(text, i);
            text.AsSpan(i, width).CopyTo(reversed.AsSpan(text.Length - i - width));
            i += width;
        }
        return new string(reversed);
    }

    /// <summary>The text without the given characters, or white space, at its ends.</summary>
    public static string Strip(string text, string? characters, bool start, bool end)
    {
        int first = 0;
        int last = text.Length;
        if (characters is not null && (HasPairs(characters) || HasPairs(text)))
            return StripRunes(text, characters, start, end);
        while (start && first < last && IsStripped(text[first], characters))
            first++;
        while (end && last > first && IsStripped(text[last - 1], characters))
            last--;
        return text[first..last];
    }

    /// <summary>The lines of a text, by all of Python's line ends.</summary>
    public static List<string> Lines(string text, bool keepEnds)
    {
        List<string> lines = new();
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (!IsLineEnd(text[i]))
                continue;
            int end = i;
            if (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                i++;
            lines.Add(text[start..(keepEnds ? i + 1 : end)]);
            start = i + 1;
        }
        if (start < text.Length)
            lines.Add(text[start..]);
        return lines;
    }

    private static bool IsStripped(char character, string? characters) =>
        characters is null ? IsSpace(character) : characters.Contains(character, StringComparison.Ordinal);

    private static string StripRunes(string text, string characters, bool start, bool end)
    {
        HashSet<Rune> set = characters.EnumerateRunes().ToHashSet();
        Rune[] runes = [.. text.EnumerateRunes()];
        int first = 0;
        int last = runes.Length;
        while (start && first < last && set.Contains(runes[first]))
            first++;
        while (end && last > first && set.Contains(runes[last - 1]))
            last--;
        int skipped = runes.Take(first).Sum(rune => rune.Utf16SequenceLength);
        int kept = runes[first..last].Sum(rune => rune.Utf16SequenceLength);
        return text.Substring(skipped, kept);
    }
}
