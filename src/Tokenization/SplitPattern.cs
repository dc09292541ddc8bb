using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>A pattern of the pre-tokenizer, matched by code points as the reference does.</summary>
internal sealed class SplitPattern
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly Regex _regex;
    private readonly AstralStandIns? _standIns;

    private SplitPattern(Regex regex, AstralStandIns? standIns)
    {
        _regex = regex;
        _standIns = standIns;
    }

    /// <summary>A pattern in Oniguruma's syntax, which tokenizer.json has.</summary>
    /// <exception cref="FormatException">The pattern is malformed or uses what is not supported; the message says what.</exception>
    public static SplitPattern FromRegex(string pattern) => FromRegex(pattern, s_patience);

    /// <summary>The same, where a single match may take that long.</summary>
    internal static SplitPattern FromRegex(string pattern, TimeSpan patience)
    {
        if (KnownSplitPatterns.Find(pattern) is { } known) return new SplitPattern(known, new AstralStandIns(pattern));
        string translated = SplitPatternSyntax.Translate(pattern);
        try
        {
            return new SplitPattern(new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.Compiled, patience), new AstralStandIns(translated));
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
            : new SplitPattern(new Regex(Regex.Escape(text), RegexOptions.CultureInvariant), standIns: null);

    /// <summary>The matches in a text, in order.</summary>
    public SplitMatches Matches(ReadOnlySpan<char> text)
    {
        if (_standIns is null || !text.ContainsAnyInRange('\uD800', '\uDFFF')) return new SplitMatches(_regex.EnumerateMatches(text), []);
        char[] written = _standIns.Write(text, out int[] starts);
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
