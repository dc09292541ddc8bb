using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Reads the <c>model</c> of tokenizer.json token by token: it is nearly the whole file.</summary>
internal static class MergeModelReader
{
    private const int MaxOptionBytes = 64 << 10;
    private const int MaxMergesPerToken = 16; // a token has a merge for each of its splits that training met: two in Llama 3
    private const string File = TokenizerJsonReader.FileName;

    /// <summary>Reads the object that the reader stands at.</summary>
    public static MergeModel Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException($"{File}: model is {reader.TokenType}; it must be an object.");
        Dictionary<string, int>? vocabulary = null;
        List<(string, string)>? merges = null;
        using MemoryStream rest = new();
        using (Utf8JsonWriter others = new(rest, new JsonWriterOptions { Encoder = TokenizerJsonReader.Readable }))
        {
            others.WriteStartObject();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string key = TokenizerJsonReader.ReadText(ref reader, "model");
                reader.Read();
                switch (key)
                {
                    case "vocab" when vocabulary is null:
                        vocabulary = Vocabulary(ref reader);
                        break;
                    case "merges" when merges is null:
                        merges = Merges(ref reader, vocabulary?.Count ?? TokenizerDefinition.MaxVocabulary);
                        break;
                    default:
                        if (others.BytesPending > MaxOptionBytes)
                            throw new InvalidDataException($"{File}: model has more than {MaxOptionBytes} bytes beside vocab and merges.");
                        others.WritePropertyName(key);
                        using (JsonDocument value = TokenizerJsonReader.ReadSmall(ref reader, $"model.{key}"))
                            value.RootElement.WriteTo(others);
                        break;
                }
            }
            others.WriteEndObject();
        }
        using JsonDocument document = JsonDocument.Parse(rest.GetBuffer().AsMemory(0, (int)rest.Length));
        JsonSection section = JsonSection.Of(File, "model", document.RootElement);
        // older files do not name the type; a model without merges is not one of ours
        section.Require("type", section.OptionalText("type") is null or "BPE", "\"BPE\"");
        if (vocabulary is null)
            throw section.Error("vocab", "is missing; it must map tokens to ids");
        if (merges is null)
            throw section.Error("merges", "is missing; it must list pairs of tokens");
        return Assemble(section, document.RootElement, vocabulary, merges);
    }

    private static MergeModel Assemble(
        JsonSection section, JsonElement element, Dictionary<string, int> vocabulary, List<(string Left, string Right)> merges)
    {
        section.AllowOnly(
            "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges");
        bool drops = element.TryGetProperty("dropout", out JsonElement dropout) && dropout.ValueKind != JsonValueKind.Null &&
            !(dropout.ValueKind == JsonValueKind.Number && dropout.TryGetDouble(out double rate) && rate == 0);
        section.Require("dropout", !drops, "null (merges are never left out at random)");
        section.Require("continuing_subword_prefix", string.IsNullOrEmpty(section.OptionalText("continuing_subword_prefix")), "null");
        section.Require("end_of_word_suffix", string.IsNullOrEmpty(section.OptionalText("end_of_word_suffix")), "null");
        section.Require("byte_fallback", !section.Flag("byte_fallback", false), "false (the vocabulary must be byte-level)");
        string? unknown = section.OptionalText("unk_token");
        section.Require("unk_token", unknown is null || vocabulary.ContainsKey(unknown), "null or a token of model.vocab");
        return new MergeModel(
            vocabulary, Checked(merges, vocabulary), unknown, section.Flag("fuse_unk", false), section.Flag("ignore_merges", false));
    }

    private static Dictionary<string, int> Vocabulary(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException($"{File}: model.vocab is {reader.TokenType}; it must be an object that maps tokens to ids.");
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        Dictionary<int, string> owners = new();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string token = TokenizerJsonReader.ReadText(ref reader, "model.vocab");
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int id) || id is < 0 or >= TokenizerDefinition.MaxVocabulary)
                throw new InvalidDataException($"{File}: model.vocab['{token}'] is no whole number from 0 to {TokenizerDefinition.MaxVocabulary - 1}.");
            if (!vocabulary.TryAdd(token, id))
                throw new InvalidDataException($"{File}: model.vocab['{token}'] is there twice.");
            if (!owners.TryAdd(id, token))
                throw new InvalidDataException($"{File}: model.vocab gives the id {id} to '{owners[id]}' and to '{token}'; every token needs its own.");
        }
        return vocabulary.Count > 0 ? vocabulary : throw new InvalidDataException($"{File}: model.vocab is empty.");
    }

    private static List<(string, string)> Merges(ref Utf8JsonReader reader, int vocabularySize)
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
                string line = TokenizerJsonReader.ReadText(ref reader, "model.merges");
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
                pair[i] = reader.Read() && reader.TokenType == JsonTokenType.String ? TokenizerJsonReader.ReadText(ref reader, "model.merges") : null;
            if (pair[0] is not { } left || pair[1] is not { } right || !reader.Read() || reader.TokenType != JsonTokenType.EndArray)
                throw BadMerge(merges.Count, "is no pair of strings");
            merges.Add((left, right));
        }
        return merges;
    }

    /// <summary>The merges whose tokens are all in the vocabulary; of a pair that is there twice the last counts, as in the reference.</summary>
    private static List<(string, string)> Checked(List<(string Left, string Right)> merges, Dictionary<string, int> vocabulary)
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
        // a token with characters outside of the alphabet never comes out of bytes, so its merges never apply
        return [.. merges.Where((pair, i) => last[pair] == i && IsBytes(pair.Left) && IsBytes(pair.Right))];
    }

    private static bool IsBytes(string token) => token.Length > 0 && ByteLevelAlphabet.Covers(token);

    private static InvalidDataException BadMerge(int index, string what) =>
        new($"{File}: model.merges[{index}] {what}; a merge is two tokens of model.vocab, \"a b\" or [\"a\", \"b\"], whose joint text is a token too.");
}
