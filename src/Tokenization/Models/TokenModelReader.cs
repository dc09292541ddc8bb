using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>Reads the <c>model</c> of tokenizer.json token by token: it is nearly the whole file.</summary>
internal static class TokenModelReader
{
    private const int MaxOptionBytes = 64 << 10;
    private const string File = TokenizerText.FileName;
    private const string Supported = "\"BPE\" or \"Unigram\"";

    /// <summary>Reads the object that the reader stands at.</summary>
    public static TokenModel Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException($"{File}: model is {reader.TokenType}; it must be an object.");
        Dictionary<string, int>? vocabulary = null;
        List<double>? scores = null;
        List<(string, string)>? merges = null;
        using MemoryStream rest = new();
        using (Utf8JsonWriter others = new(rest, new JsonWriterOptions { Encoder = TokenizerText.Readable }))
        {
            others.WriteStartObject();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string key = TokenizerText.Read(ref reader, "model");
                reader.Read();
                switch (key)
                {
                    case "vocab" when vocabulary is null && reader.TokenType == JsonTokenType.StartArray:
                        (vocabulary, scores) = VocabularyReader.ScoredVocabulary(ref reader);
                        break;
                    case "vocab" when vocabulary is null:
                        vocabulary = VocabularyReader.Vocabulary(ref reader);
                        break;
                    case "merges" when merges is null:
                        merges = VocabularyReader.Merges(ref reader, vocabulary?.Count ?? TokenizerLimits.Vocabulary);
                        break;
                    default:
                        if (others.BytesPending > MaxOptionBytes)
                            throw new InvalidDataException($"{File}: model has more than {MaxOptionBytes} bytes beside vocab and merges.");
                        others.WritePropertyName(key);
                        using (JsonDocument value = TokenizerText.ReadSmall(ref reader, $"model.{key}"))
                            value.RootElement.WriteTo(others);
                        break;
                }
            }
            others.WriteEndObject();
        }
        using JsonDocument document = JsonDocument.Parse(rest.GetBuffer().AsMemory(0, (int)rest.Length));
        JsonSection section = JsonSection.Of(File, "model", document.RootElement);
        // older files do not name the type: their lists tell it
        string type = section.OptionalText("type") ?? (scores is null ? "BPE" : "Unigram");
        section.Require("type", type is "BPE" or "Unigram", Supported);
        if (vocabulary is null)
            throw section.Error("vocab", "is missing; it must have the tokens");
        if ((type == "Unigram") != scores is not null)
        {
            throw section.Error("vocab", type == "Unigram" ? "maps tokens to ids; a Unigram model lists tokens with their scores"
                : "lists tokens with scores; a BPE model maps tokens to ids");
        }

        return scores is null ? Merges(section, document.RootElement, vocabulary, merges) : Unigram(section, vocabulary, scores, merges is not null);
    }

    private static MergeModel Merges(
        JsonSection section, JsonElement element, Dictionary<string, int> vocabulary, List<(string Left, string Right)>? merges)
    {
        // a model without merges is not one of ours
        if (merges is null)
            throw section.Error("merges", "is missing; it must list pairs of tokens");
        section.AllowOnly(
            "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges");
        bool drops = element.TryGetProperty("dropout", out JsonElement dropout) && dropout.ValueKind != JsonValueKind.Null &&
            !(dropout.ValueKind == JsonValueKind.Number && dropout.TryGetDouble(out double rate) && rate == 0);
        section.Require("dropout", !drops, "null (merges are never left out at random)");
        section.Require("continuing_subword_prefix", string.IsNullOrEmpty(section.OptionalText("continuing_subword_prefix")), "null");
        section.Require("end_of_word_suffix", string.IsNullOrEmpty(section.OptionalText("end_of_word_suffix")), "null");
        string? unknown = section.OptionalText("unk_token");
        section.Require("unk_token", unknown is null || vocabulary.ContainsKey(unknown), "null or a token of model.vocab");
        return new MergeModel(vocabulary, VocabularyReader.Checked(merges, vocabulary), unknown, section.Flag("fuse_unk", false),
            section.Flag("ignore_merges", false), section.Flag("byte_fallback", false));
    }

    private static UnigramModel Unigram(JsonSection section, Dictionary<string, int> vocabulary, List<double> scores, bool hasMerges)
    {
        if (hasMerges)
            throw section.Error("merges", "is there; a Unigram model has none");
        section.AllowOnly("type", "unk_id", "byte_fallback");
        int? unknown = section.HasValue("unk_id") ? section.Id("unk_id") : null;
        section.Require("unk_id", unknown is null || unknown < scores.Count, "null or the id of a token of model.vocab");
        string? token = unknown is null ? null : vocabulary.First(entry => entry.Value == unknown).Key;
        return new UnigramModel(vocabulary, scores, unknown, token, section.Flag("byte_fallback", false));
    }
}
