using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>A pattern of the pre-tokenizer, matched by code points as the reference does.</summary>
internal sealed class SplitPattern
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly Regex _regex;
    private readonly bool _hasCategories;

    private SplitPattern(Regex regex, bool hasCategories)
    {
        _regex = regex;
        _hasCategories = hasCategories;
    }

    /// <summary>A pattern in Oniguruma's syntax, which tokenizer.json has.</summary>
    /// <exception cref="FormatException">The pattern is malformed or uses what is not supported; the message says what.</exception>
    public static SplitPattern FromRegex(string pattern)
    {
        if (KnownSplitPatterns.Find(pattern) is { } known) return new SplitPattern(known, hasCategories: true);
        string translated = SplitPatternSyntax.Translate(pattern);
        if (AstralStandIns.CollideWith(translated)) throw new FormatException("the pattern spells out rare characters that stand for others here");
        try
        {
            return new SplitPattern(new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.Compiled, s_patience), hasCategories: true);
        }
        catch (ArgumentException failure)
        {
            throw new FormatException("the pattern is malformed: " + failure.Message, failure);
        }
    }

    /// <summary>A pattern that matches one text.</summary>
    /// <exception cref="FormatException">The text is empty.</exception>
    public static SplitPattern FromText(string text) =>
        text.Length == 0
            ? throw new FormatException("the text to split at is empty")
            : new SplitPattern(new Regex(Regex.Escape(text), RegexOptions.CultureInvariant), hasCategories: false);

    /// <summary>The matches in a text, in order.</summary>
    public SplitMatches Matches(ReadOnlySpan<char> text)
    {
        if (!_hasCategories || !text.ContainsAnyInRange('\uD800', '\uDFFF')) return new SplitMatches(_regex.EnumerateMatches(text), []);
        char[] written = AstralStandIns.Write(text, out int[] starts);
        return new SplitMatches(_regex.EnumerateMatches(written), starts);
    }

    /// <summary>The matches and what lies between them: contiguous ranges that cover the text.</summary>
    public List<(Range Range, bool Matched)> Segments(ReadOnlySpan<char> text)
    {
        var segments = new List<(Range, bool)>();
        int covered = 0;
        foreach ((int start, int end) in Matches(text))
        {
            if (start > covered) segments.Add((covered..start, false));
            segments.Add((start..end, true));
            covered = end;
        }
        if (covered < text.Length) segments.Add((covered..text.Length, false));
        return segments;
    }
}
