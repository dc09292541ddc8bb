namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>Counts with which words answers begin and end, and on which side.</summary>
/// <param name="mostLines">How many lines to hold of each phrase.</param>
internal sealed class PhraseTally(int mostLines)
{
    private const int MostPhrases = 200_000; // of all different ones; what is frequent comes early
    private const int MostCharacters = 60;
    private static readonly int[] s_lengths = [1, 3]; // words
    private readonly Dictionary<string, ResponseTally> _counts = new(StringComparer.Ordinal);

    /// <summary>Counts a pair.</summary>
    public void Add(DiagnosedPair pair)
    {
        foreach (int words in s_lengths)
        {
            Count("begins", First(pair.Chosen, words), First(pair.Rejected, words), pair.Line);
            Count("ends", Last(pair.Chosen, words), Last(pair.Rejected, words), pair.Line);
        }
    }

    /// <summary>Phrases that at least a share of the pairs have on one side only, the longest first where one holds another.</summary>
    /// <param name="pairs">The pairs that were counted.</param>
    /// <param name="least">The share.</param>
    public IEnumerable<FormatBias> Frequent(long pairs, double least) => _counts
        .Where(phrase => phrase.Value.Chosen + phrase.Value.Rejected >= Math.Max(1, least * pairs))
        .OrderByDescending(phrase => phrase.Value.Chosen + phrase.Value.Rejected).ThenByDescending(phrase => phrase.Key.Length)
            .ThenBy(phrase => phrase.Key, StringComparer.Ordinal)
        .Select(phrase => new FormatBias(phrase.Key, pairs, phrase.Value.Chosen, phrase.Value.Rejected) { Lines = phrase.Value.Lines });

    private void Count(string place, string? chosen, string? rejected, long line)
    {
        if (chosen == rejected)
            return;
        if (chosen is not null)
            Tally($"{place} \"{chosen}\"")?.Add(1, 0, line);
        if (rejected is not null)
            Tally($"{place} \"{rejected}\"")?.Add(0, 1, line);
    }

    private ResponseTally? Tally(string phrase)
    {
        if (!_counts.TryGetValue(phrase, out ResponseTally? tally) && _counts.Count < MostPhrases)
            _counts[phrase] = tally = new ResponseTally(mostLines);
        return tally;
    }

    private static string? First(string text, int words)
    {
        ReadOnlySpan<char> begun = text.AsSpan().TrimStart();
        int end = 0;
        for (int word = 0; word < words; word++)
        {
            while (end < begun.Length && char.IsWhiteSpace(begun[end]))
                end++;
            if (end == begun.Length)
                return null;
            while (end < begun.Length && !char.IsWhiteSpace(begun[end]))
                end++;
        }
        return Shown(begun[..end]);
    }

    private static string? Last(string text, int words)
    {
        ReadOnlySpan<char> ended = text.AsSpan().TrimEnd();
        int start = ended.Length;
        for (int word = 0; word < words; word++)
        {
            while (start > 0 && char.IsWhiteSpace(ended[start - 1]))
                start--;
            if (start == 0)
                return null;
            while (start > 0 && !char.IsWhiteSpace(ended[start - 1]))
                start--;
        }
        return Shown(ended[start..]);
    }

    private static string? Shown(ReadOnlySpan<char> phrase) => phrase.Length > MostCharacters ? null : string.Create(phrase.Length, phrase, (shown, from) =>
    {
        for (int i = 0; i < from.Length; i++)
            shown[i] = char.IsWhiteSpace(from[i]) ? ' ' : char.IsControl(from[i]) ? '\uFFFD' : char.ToLowerInvariant(from[i]);
    });
}
