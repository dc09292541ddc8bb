using System.Text;
using System.Text.RegularExpressions;

namespace MakeQuickStart.Bpe;

/// <summary>Learns byte-level BPE (Sennrich et al. 2016, arXiv 1508.07909) from texts; the same texts give the same vocabulary.</summary>
internal static partial class BytePairTrainer
{
    /// <summary>Merges the most frequent pair of neighbours, ties by smaller ids, until the vocabulary is full.</summary>
    /// <exception cref="ArgumentException">The texts hold too little for so many tokens.</exception>
    public static Vocabulary Train(IEnumerable<string> texts, IReadOnlyList<string> specialTokens, int size)
    {
        List<string> tokens = [.. specialTokens, .. ByteAlphabet.OfByte.Order().Select(standIn => standIn.ToString())];
        Dictionary<string, int> ids = tokens.Select((token, id) => (token, id)).ToDictionary(x => x.token, x => x.id, StringComparer.Ordinal);
        List<(string, string)> merges = [];
        List<(List<int> Ids, int Count)> words = [.. CountWords(texts).Select(word => (word.Key.Select(c => ids[c.ToString()]).ToList(), word.Value))];
        while (tokens.Count < size)
        {
            (int Left, int Right) best = MostFrequentPair(words)
                ?? throw new ArgumentException($"The texts are used up after {tokens.Count} tokens; {size} were asked for.", nameof(size));
            string merged = tokens[best.Left] + tokens[best.Right];
            merges.Add((tokens[best.Left], tokens[best.Right]));

            // Two different merges can spell the same token; it keeps its first id.
            if (!ids.TryGetValue(merged, out int id))
            {
                ids[merged] = id = tokens.Count;
                tokens.Add(merged);
            }
            foreach ((List<int> word, _) in words)
                Merge(word, best, id);
        }
        return new(tokens, merges);
    }

    private static Dictionary<string, int> CountWords(IEnumerable<string> texts)
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            foreach (ValueMatch match in Words().EnumerateMatches(text))
            {
                byte[] bytes = Encoding.UTF8.GetBytes(text, match.Index, match.Length);
                string word = string.Create(bytes.Length, bytes, (span, source) =>
                {
                    for (int i = 0; i < span.Length; i++)
                        span[i] = ByteAlphabet.OfByte[source[i]];
                });
                counts[word] = counts.GetValueOrDefault(word) + 1;
            }
        }
        return counts;
    }

    private static (int Left, int Right)? MostFrequentPair(List<(List<int> Ids, int Count)> words)
    {
        Dictionary<(int Left, int Right), int> counts = [];
        foreach ((List<int> ids, int count) in words)
        {
            for (int i = 1; i < ids.Count; i++)
            {
                (int, int) pair = (ids[i - 1], ids[i]);
                counts[pair] = counts.GetValueOrDefault(pair) + count;
            }
        }
        return counts.Count == 0 ? null : counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).First().Key;
    }

    private static void Merge(List<int> word, (int Left, int Right) pair, int id)
    {
        for (int i = 0; i < word.Count - 1; i++)
        {
            if (word[i] != pair.Left || word[i + 1] != pair.Right)
                continue;
            word[i] = id;
            word.RemoveAt(i + 1);
        }
    }

    /// <summary>How GPT-2 cuts text into words before merging; the tokenizer file's "ByteLevel" with "use_regex" stands for it.</summary>
    [GeneratedRegex(@"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Words();
}
