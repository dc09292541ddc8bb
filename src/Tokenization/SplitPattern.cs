using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>A pattern of the pre-tokenizer, matched by code points as the reference does.</summary>
internal sealed class SplitPattern
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(TokenizerLimits.MatchSeconds);
    private readonly Regex _regex;
    private readonly AstralStandIns? _standIns;

    private SplitPattern(Regex regex, AstralStandIns? standIns, string? known = null)
    {
        _regex = regex;
        _standIns = standIns;
        Known = known;
    }

    /// <summary>The pattern as <see cref="KnownSplitPatterns"/> has it, or <see langword="null"/> where it is none of them.</summary>
    public string? Known { get; }

    /// <summary>The text that is matched, or <see langword="null"/> where it is a regular expression.</summary>
    public string? Literal { get; private init; }

    /// <summary>A pattern in Oniguruma's syntax, which tokenizer.json has.</summary>
    /// <exception cref="FormatException">The pattern is malformed or uses what is not supported; the message says what.</exception>
    public static SplitPattern FromRegex(string pattern) => FromRegex(pattern, s_patience);

    /// <summary>The same, where a single match may take that long.</summary>
    internal static SplitPattern FromRegex(string pattern, TimeSpan patience)
    {
        if (KnownSplitPatterns.Find(pattern) is { } known)
            return new SplitPattern(known, new AstralStandIns(pattern), pattern);
        CheckLength(pattern);
        string translated = SplitPatternSyntax.Translate(pattern);
        try
        {
            return new SplitPattern(Make(translated, patience), new AstralStandIns(translated));
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
            : new SplitPattern(new Regex(Regex.Escape(CheckLength(text)), RegexOptions.CultureInvariant, s_patience), standIns: null) { Literal = text };

    /// <summary>The matches in a text, in order.</summary>
    /// <param name="text">The text.</param>
    /// <param name="budget">The time that is left for it.</param>
    public SplitMatches Matches(ReadOnlySpan<char> text, EncodingBudget budget)
    {
        EncodingBudget? watched = Known is not null ? null : budget;
        if (_standIns is null || !text.ContainsAnyInRange('\uD800', '\uDFFF'))
            return new SplitMatches(_regex.EnumerateMatches(text), [], watched, _regex.ToString());
        char[] written = _standIns.Write(text, out int[] starts);
        return new SplitMatches(_regex.EnumerateMatches(written), starts, watched, _regex.ToString());
    }

    /// <summary>The matches and what lies between them: contiguous ranges that cover the text.</summary>
    public List<(Range Range, bool Matched)> Segments(ReadOnlySpan<char> text, EncodingBudget budget)
    {
        List<(Range, bool)> segments = new();
        int covered = 0;
        foreach ((int start, int end) in Matches(text, budget))
        {
            if (start > covered)
                segments.Add((covered..start, false));
            segments.Add((start..end, true));
            covered = end;
        }
        if (covered < text.Length)
            segments.Add((covered..text.Length, false));
        return segments;
    }

    // RegexOptions.NonBacktracking would bound the time by itself, but drops matches of patterns that begin with something optional, as most of these do:
    // -?[a-z]+ does not find "ab" in "-1ab" (.NET 7 to 10; dotnet/runtime#130176). Lost matches are other ids, so the time is watched instead.
    private static Regex Make(string pattern, TimeSpan patience)
    {
        RegexOptions compiled = pattern.Length <= TokenizerLimits.CompiledCharacters ? RegexOptions.Compiled : RegexOptions.None;
        return new Regex(pattern, RegexOptions.CultureInvariant | compiled, patience);
    }

    private static string CheckLength(string pattern) => pattern.Length <= TokenizerLimits.PatternCharacters
        ? pattern
        : throw new FormatException($"it has {pattern.Length} characters, and at most {TokenizerLimits.PatternCharacters} are taken");
}
