using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>Reads the long lists of tokenizer.json's <c>model</c>.</summary>
internal static class VocabularyReader
{
    private const int MaxMergesPerToken = 16; // a token has a merge for each of its splits that training met: two in Llama 3
    private const string File = TokenizerText.FileName;

    /// <summary>The tokens of a BPE model and their ids.</summary>
    public static Dictionary<string, int> Vocabulary(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException($"{File}: model.vocab is {reader.TokenType}; it must be an object that maps tokens to ids.");
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        Dictionary<int, string> owners = new();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string token = TokenizerText.Read(ref reader, "model.vocab");
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int id) || id is < 0 or >= TokenizerLimits.Vocabulary)
                throw new InvalidDataException($"{File}: model.vocab['{token}'] is no whole number from 0 to {TokenizerLimits.Vocabulary - 1}.");
            if (!vocabulary.TryAdd(token, id))
                throw new InvalidDataException($"{File}: model.vocab['{token}'] is there twice.");
            if (!owners.TryAdd(id, token))
                throw new InvalidDataException($"{File}: model.vocab gives the id {id} to '{owners[id]}' and to '{token}'; every token needs its own.");
        }
        return vocabulary.Count > 0 ? vocabulary : throw new InvalidDataException($"{File}: model.vocab is empty.");
    }

    /// <summary>The tokens of a Unigram model and their scores, by id.</summary>
    public static (Dictionary<string, int> Vocabulary, List<double> Scores) ScoredVocabulary(ref Utf8JsonReader reader)
    {
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        List<double> scores = new();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int id = scores.Count;
            if (id >= TokenizerLimits.Vocabulary)
                throw new InvalidDataException($"{File}: model.vocab has more than {TokenizerLimits.Vocabulary} tokens; no more are taken.");
            string? token = reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.String
                ? TokenizerText.Read(ref reader, "model.vocab") : null;
            double score = 0;
            bool isPair = token is not null && reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out score)
                && double.IsFinite(score) && reader.Read() && reader.TokenType == JsonTokenType.EndArray;
            if (!isPair)
                throw new InvalidDataException($"{File}: model.vocab[{id}] is no pair of a token and its score, [\"a\", -1.5].");
            if (!vocabulary.TryAdd(token!, id))
                throw new InvalidDataException($"{File}: model.vocab[{id}] is '{token}', which model.vocab[{vocabulary[token!]}] is already.");
            scores.Add(score);
        }
        return vocabulary.Count > 0 ? (vocabulary, scores) : throw new InvalidDataException($"{File}: model.vocab is empty.");
    }

    /// <summary>The merges of a BPE model, in the file's order.</summary>
    public static List<(string, string)> Merges(ref Utf8JsonReader reader, int vocabularySize)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new InvalidDataException($"{File}: model.merges is {reader.TokenType}; it must be a list.");
        List<(string, string)> merges = new();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (merges.Count / MaxMergesPerToken >= vocabularySize)
                throw new InvalidDataException($"{File}: model.merges has more than {MaxMergesPerToken} merges for each token of model.vocab.");
            if (reader.TokenType == JsonTokenType.String)
            {
                string line = TokenizerText.Read(ref reader, "model.merges");
                if (line.StartsWith("#version", StringComparison.Ordinal))
                    continue;
                string[] parts = line.Split(' ');
                if (parts.Length != 2)
                    throw BadMerge(merges.Count, $"is '{line}'");
                merges.Add((parts[0], parts[1]));
                continue;
            }
            if (reader.TokenType != JsonTokenType.StartArray)
                throw BadMerge(merges.Count, $"is {reader.TokenType}");
            string?[] pair = new string?[2];
            for (int i = 0; i < 2; i++)
                pair[i] = reader.Read() && reader.TokenType == JsonTokenType.String ? TokenizerText.Read(ref reader, "model.merges") : null;
            if (pair[0] is not { } left || pair[1] is not { } right || !reader.Read() || reader.TokenType != JsonTokenType.EndArray)
                throw BadMerge(merges.Count, "is no pair of strings");
            merges.Add((left, right));
        }
        return merges;
    }

    /// <summary>The merges, whose tokens must all be in the vocabulary; of a pair that is there twice the last counts, as in the reference.</summary>
    public static List<(string, string)> Checked(List<(string Left, string Right)> merges, Dictionary<string, int> vocabulary)
    {
        Dictionary<(string, string), int> last = new(merges.Count);
        for (int i = 0; i < merges.Count; i++)
        {
            foreach (string token in (ReadOnlySpan<string>)[merges[i].Left, merges[i].Right, merges[i].Left + merges[i].Right])
            {
                if (!vocabulary.ContainsKey(token))
                    throw BadMerge(i, $"needs '{token}', which model.vocab lacks");
            }

            last[merges[i]] = i;
        }
        return last.Count == merges.Count ? merges : [.. merges.Where((pair, i) => last[pair] == i)];
    }

    private static InvalidDataException BadMerge(int index, string what) =>
        new($"{File}: model.merges[{index}] {what}; a merge is two tokens of model.vocab, \"a b\" or [\"a\", \"b\"], whose joint text is a token too.");
}
