using System.Buffers;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Finds added tokens in a text: the leftmost first, of those that start there the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly SearchValues<string> _contents;
    private readonly Dictionary<string, AddedToken>.AlternateLookup<ReadOnlySpan<char>> _byContent;
    private readonly int[] _lengthsDescending;

    private AddedTokenMatcher(Dictionary<string, AddedToken> byContent)
    {
        _byContent = byContent.GetAlternateLookup<ReadOnlySpan<char>>();
        _contents = SearchValues.Create([.. byContent.Keys], StringComparison.Ordinal);
        _lengthsDescending = [.. byContent.Keys.Select(content => content.Length).Distinct().OrderDescending()];
    }

    /// <summary>A matcher for the given texts and their tokens, or <see langword="null"/> where there are none.</summary>
    public static AddedTokenMatcher? For(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        Dictionary<string, AddedToken> byContent = new(StringComparer.Ordinal);
        foreach ((string content, AddedToken token) in tokens)
            byContent[content] = token;
        return byContent.Count == 0 ? null : new AddedTokenMatcher(byContent);
    }

    /// <summary>The next token whose content starts at <paramref name="searchFrom"/> or later.</summary>
    /// <param name="piece">The text to look in.</param>
    /// <param name="literals">Characters of the text as it was given that belong to no token.</param>
    /// <param name="searchFrom">Where the search starts; moved behind the content that was found.</param>
    /// <param name="coveredTo">Where the previous match ended, white space included: this one strips nothing before it.</param>
    /// <param name="budget">The time that is left for the text.</param>
    /// <param name="match">The token and the range that it takes.</param>
    public bool TryNext(TextPiece piece, LiteralCharacters literals, ref int searchFrom, int coveredTo, EncodingBudget budget, out AddedTokenMatch match)
    {
        ReadOnlySpan<char> text = piece.Text;
        while (searchFrom < text.Length)
        {
            int found = text[searchFrom..].IndexOfAny(_contents);
            if (found < 0)
                break;
            budget.Check("the search for added tokens");
            int start = searchFrom + found;
            if (LongestAt(piece, start, literals, out int length) is not { } token)
            {
                searchFrom = start + 1;
                continue;
            }
            int end = searchFrom = start + length;
            if (token.SingleWord && (EndsWithWord(text[..start]) || StartsWithWord(text[end..])))
                continue;
            if (token.LeftStrip)
                start = Math.Max(text[..start].TrimEnd().Length, coveredTo);
            if (token.RightStrip)
                end = text.Length - text[end..].TrimStart().Length;
            match = new AddedTokenMatch(token, start, end);
            return true;
        }
        match = default;
        return false;
    }

    /// <summary>The longest token that starts at a place and holds no literal character.</summary>
    private AddedToken? LongestAt(TextPiece piece, int start, LiteralCharacters literals, out int length)
    {
        ReadOnlySpan<char> text = piece.Text[start..];
        foreach (int candidate in _lengthsDescending)
        {
            length = candidate;
            if (candidate > text.Length || !_byContent.TryGetValue(text[..candidate], out AddedToken? token))
                continue;
            if (!literals.AnyIn(piece.SourceOf(start).Start, piece.SourceOf(start + candidate - 1).End))
                return token;
        }
        length = 0;
        return null;
    }

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && WordCharacters.Contain(rune);

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && WordCharacters.Contain(rune);
}
