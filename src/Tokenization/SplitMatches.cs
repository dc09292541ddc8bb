using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Enumerates the matches of a split pattern as ranges of the text.</summary>
/// <param name="matches">The regular expression's matches.</param>
/// <param name="starts">Where each matched character starts in the text; empty where that is its own position.</param>
/// <param name="budget">The time that is left for the text, or <see langword="null"/> for a pattern that needs no watching.</param>
/// <param name="pattern">The pattern, for the error.</param>
internal ref struct SplitMatches(Regex.ValueMatchEnumerator matches, int[] starts, EncodingBudget? budget, string pattern)
{
    private Regex.ValueMatchEnumerator _matches = matches;

    /// <summary>The current match.</summary>
    public readonly (int Start, int End) Current
    {
        get
        {
            ValueMatch match = _matches.Current;
            int start = match.Index, end = match.Index + match.Length;
            return starts.Length == 0 ? (start, end) : (starts[start], starts[end]);
        }
    }

    /// <summary>This enumerator.</summary>
    public readonly SplitMatches GetEnumerator() => this;

    /// <summary>Goes to the next match.</summary>
    /// <exception cref="InvalidDataException">The tokenizer's pattern takes too long on this text.</exception>
    public bool MoveNext()
    {
        budget?.Check($"the pre-tokenizer's pattern '{pattern}'");
        try
        {
            return _matches.MoveNext();
        }
        catch (RegexMatchTimeoutException timeout)
        {
            throw new InvalidDataException(
                $"tokenizer.json: the pre-tokenizer's pattern '{timeout.Pattern}' takes longer than " +
                $"{timeout.MatchTimeout.TotalSeconds} s for one match; a pattern that backtracks less would do.", timeout);
        }
    }
}
