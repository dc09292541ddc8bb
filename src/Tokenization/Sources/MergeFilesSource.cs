using System.Text;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tokenization.Sources;

/// <summary>Makes tokenizer.json of vocab.json and merges.txt, the files of GPT-2's and Qwen's byte-level BPE before there was tokenizer.json.</summary>
/// <remarks>
/// How text is cut into words, these files do not say: the tokenizer's class does. Without any, they are read as <c>ByteLevelBPETokenizer</c> of Python's
/// tokenizers reads them.
/// </remarks>
internal static class MergeFilesSource
{
    /// <summary>The tokens' file.</summary>
    public const string VocabularyFile = "vocab.json";

    /// <summary>The merges' file.</summary>
    public const string MergesFile = "merges.txt";

    /// <summary>The largest file that is read.</summary>
    public const int MaxFileBytes = 32 << 20;

    private const string AddedFile = "added_tokens.json";
    private static readonly string[] s_gpt2 = ["GPT2Tokenizer", "GPT2TokenizerFast", "ByteLevelBPETokenizer"];
    private static readonly string[] s_qwen2 = ["Qwen2Tokenizer", "Qwen2TokenizerFast"];

    /// <summary>The same tokenizer as tokenizer.json.</summary>
    /// <param name="vocabulary">The bytes of vocab.json.</param>
    /// <param name="merges">The bytes of merges.txt.</param>
    /// <param name="added">The bytes of added_tokens.json, or nothing.</param>
    /// <param name="tokenizerConfig">The bytes of tokenizer_config.json, or nothing.</param>
    /// <param name="modelConfig">The bytes of config.json, or nothing.</param>
    /// <exception cref="InvalidDataException">A file is malformed, or the tokenizer is of a class that is not known.</exception>
    public static TokenizerSource Convert(ReadOnlyMemory<byte> vocabulary, ReadOnlyMemory<byte> merges, ReadOnlyMemory<byte> added,
        ReadOnlyMemory<byte> tokenizerConfig, ReadOnlyMemory<byte> modelConfig)
    {
        (bool isQwen2, string? note) = Class(tokenizerConfig, modelConfig);
        bool addsSpace = Config(tokenizerConfig, TokenizerConfig.FileName)?.OptionalFlag("add_prefix_space") ?? false;
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Encoder = TokenizerText.Readable }))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "1.0");
            writer.WriteStartArray("added_tokens");
            foreach ((string content, int id) in Added(added))
                ConvertedSections.AddedToken(writer, id, content, special: false, normalized: true);
            writer.WriteEndArray();
            if (isQwen2)
                writer.WriteRaw("normalizer", """{"type":"NFC"}""");
            writer.WriteStartObject("pre_tokenizer");
            if (isQwen2)
            {
                writer.WriteString("type", "Sequence");
                writer.WriteStartArray("pretokenizers");
                writer.WriteStartObject();
                writer.WriteString("type", "Split");
                writer.WriteStartObject("pattern");
                writer.WriteString("Regex", KnownSplitPatterns.Qwen2);
                writer.WriteEndObject();
                writer.WriteString("behavior", "Isolated");
                writer.WriteBoolean("invert", false);
                writer.WriteEndObject();
                writer.WriteStartObject();
                ByteLevel(writer, addsSpace, usesRegex: false);
                writer.WriteEndObject();
                writer.WriteEndArray();
            }
            else
            {
                ByteLevel(writer, addsSpace, usesRegex: true);
            }
            writer.WriteEndObject();
            writer.WriteStartObject("decoder");
            ByteLevel(writer, addsSpace: true, usesRegex: true);
            writer.WriteEndObject();
            writer.WriteStartObject("model");
            writer.WriteString("type", "BPE");
            writer.WritePropertyName("vocab");
            try
            {
                writer.WriteRawValue(vocabulary.Span);
            }
            catch (Exception failure) when (failure is JsonException or ArgumentException)
            {
                throw new InvalidDataException($"{VocabularyFile} is malformed: {failure.Message}", failure);
            }
            writer.WriteStartArray("merges");
            foreach (string merge in Lines(merges))
                writer.WriteStringValue(merge);
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return new TokenizerSource(stream.ToArray(), tokenizerConfig, $"{VocabularyFile} and {MergesFile}", note is null ? [] : [note]);
    }

    private static void ByteLevel(Utf8JsonWriter writer, bool addsSpace, bool usesRegex)
    {
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", addsSpace);
        writer.WriteBoolean("trim_offsets", false);
        writer.WriteBoolean("use_regex", usesRegex);
    }

    private static (bool IsQwen2, string? Note) Class(ReadOnlyMemory<byte> tokenizerConfig, ReadOnlyMemory<byte> modelConfig)
    {
        if (Config(tokenizerConfig, TokenizerConfig.FileName)?.OptionalText("tokenizer_class") is { } name)
        {
            return s_qwen2.Contains(name) ? (true, null) : s_gpt2.Contains(name) ? (false, null) : throw new InvalidDataException(
                $"{TokenizerConfig.FileName}: tokenizer_class is \"{name}\", and how it cuts text is not known from {VocabularyFile} and {MergesFile}; " +
                $"known are {string.Join(", ", s_gpt2.Concat(s_qwen2))}. A tokenizer.json says it: save the tokenizer with transformers' save_pretrained.");
        }
        string? model = Config(modelConfig, "config.json")?.OptionalText("model_type");
        return model switch
        {
            "qwen2" or "qwen2_moe" or "qwen3" or "qwen3_moe" => (true, null),
            "gpt2" => (false, null),
            null => (false, $"{VocabularyFile} and {MergesFile} are read as ByteLevelBPETokenizer of Python's tokenizers reads them, since no " +
                $"{TokenizerConfig.FileName} names a tokenizer_class."),
            _ => throw new InvalidDataException(
                $"config.json: model_type is \"{model}\", and no tokenizer_class says how its tokenizer cuts text; put one into {TokenizerConfig.FileName}: " +
                $"{string.Join(", ", s_gpt2.Concat(s_qwen2))}, or save a tokenizer.json with transformers' save_pretrained."),
        };
    }

    private static JsonSection? Config(ReadOnlyMemory<byte> json, string file)
    {
        if (json.IsEmpty)
            return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return JsonSection.Of(file, "", document.RootElement.Clone());
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"{file} is malformed: {failure.Message}", failure);
        }
    }

    private static IEnumerable<(string Content, int Id)> Added(ReadOnlyMemory<byte> json) => Config(json, AddedFile) is { } section
        ? section.Ids().OrderBy(token => token.Value).Select(token => (token.Key, token.Value)) : [];

    private static IEnumerable<string> Lines(ReadOnlyMemory<byte> merges)
    {
        using StreamReader reader = new(new MemoryStream(merges.ToArray()), Encoding.UTF8);
        bool isFirst = true;
        while (reader.ReadLine() is { } line)
        {
            // the first line may be a comment; a merge of "#" with something is none
            bool isComment = isFirst && line.StartsWith("#version", StringComparison.Ordinal);
            isFirst = false;
            if (line.Length > 0 && !isComment)
                yield return line;
        }
    }
}
