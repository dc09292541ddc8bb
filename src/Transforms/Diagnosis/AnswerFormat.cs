using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>What an answer looks like, in numbers that a preference should not follow from.</summary>
internal static partial class AnswerFormat
{
    /// <summary>The properties, in the order of <see cref="Measure"/>.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "list items", "bold text", "headings", "code fences", "tables", "line breaks", "exclamation marks", "question at the end", "emoji", "digits", "links",
        "quotation marks", "brackets", "apology or refusal at the start", "end without a full stop", "lower-case start", "white space at the start",
        "white space at the end", "letters that are not Latin", "think block",
    ];

    /// <summary>The numbers of an answer.</summary>
    /// <param name="answer">Its text.</param>
    /// <param name="numbers">As many as <see cref="Names"/>.</param>
    public static void Measure(string answer, Span<int> numbers)
    {
        numbers.Clear();
        ReadOnlySpan<char> text = answer;
        foreach (ReadOnlySpan<char> line in text.EnumerateLines())
        {
            ReadOnlySpan<char> begun = line.TrimStart();
            if (IsListItem(begun))
                numbers[0]++;
            else if (IsHeading(begun))
                numbers[2]++;
            else if (begun is ['|', ..] && begun[1..].Contains('|'))
                numbers[4]++;
        }
        numbers[1] = text.Count("**") + text.Count("__");
        numbers[3] = text.Count("```");
        numbers[5] = text.Count('\n');
        numbers[6] = text.Count('!') + text.Count('！');
        ReadOnlySpan<char> trimmed = text.Trim();
        numbers[7] = trimmed is [.., '?' or '？'] ? 1 : 0;
        (numbers[8], numbers[18]) = Unusual(text);
        numbers[9] = Digits(text);
        numbers[10] = text.Count("http://") + text.Count("https://") + text.Count("www.");
        numbers[11] = text.Count('"') + text.Count('“') + text.Count('”') + text.Count('„') + text.Count('«');
        numbers[12] = text.Count('(') + text.Count('（');
        numbers[13] = Refusal().IsMatch(trimmed[..Math.Min(trimmed.Length, 80)]) ? 1 : 0;
        numbers[14] = trimmed is [.., var last] && char.IsLetterOrDigit(last) ? 1 : 0;
        numbers[15] = trimmed is [var first, ..] && char.IsLower(first) ? 1 : 0;
        numbers[16] = text is [var start, ..] && char.IsWhiteSpace(start) ? 1 : 0;
        numbers[17] = text is [.., var end] && char.IsWhiteSpace(end) ? 1 : 0;
        numbers[19] = text.Contains("<think>", StringComparison.Ordinal) ? 1 : 0;
    }

    private static bool IsListItem(ReadOnlySpan<char> line)
    {
        if (line is ['-' or '*' or '+' or '•' or '–', ' ' or '\t', ..])
            return true;
        int digits = line.IndexOfAnyExceptInRange('0', '9');
        return digits is > 0 and <= 3 && digits + 1 < line.Length && line[digits] is '.' or ')' && line[digits + 1] == ' ' || digits is > 0 and <= 3
            && line[digits] == '、';
    }

    private static bool IsHeading(ReadOnlySpan<char> line)
    {
        int marks = line.IndexOfAnyExcept('#');
        return marks is > 0 and <= 6 && line[marks] == ' ';
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        int digits = 0;
        foreach (char character in text)
        {
            if (char.IsAsciiDigit(character))
                digits++;
        }
        return digits;
    }

    // emoji, and whether most letters are of another script than Latin
    private static (int Emoji, int IsOtherScript) Unusual(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyExceptInRange('\0', '\u024F'))
            return (0, 0);
        int emoji = 0, latin = 0, other = 0;
        foreach (System.Text.Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is >= 0x1F300 and <= 0x1FAFF or >= 0x2600 and <= 0x27BF or >= 0x1F1E6 and <= 0x1F1FF)
                emoji++;
            else if (System.Text.Rune.IsLetter(rune))
                _ = rune.Value <= 0x024F ? latin++ : other++;
        }
        return (emoji, other > latin ? 1 : 0);
    }

    [GeneratedRegex(
        @"\A(?:(?:i['’]?m|i am|we['’]?re)(?: (?:really|very|so|truly))? sorry|sorry|(?:my )?apolog|"
        + @"i apologi[sz]e|unfortunately|i (?:can['’]?t|cannot|can not|won['’]?t|am (?:not able|unable)|do(?:n['’]?t| not) (?:feel|think i))|"
        + @"i['’]?m (?:not able|unable)|as an? (?:ai|artificial|(?:large )?language)|"
        + @"抱歉|对不起|很遗憾|作为(?:一个|一名)?(?:人工智能|ai|语言模型)|es tut mir leid|entschuldig|leider|"
        + @"je suis désolé|désolé|lo siento|申し訳)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Refusal();
}
