using System.Text.Json;
using MiniMind.MLNet.Dpo.Tokenization.Decoding;
using MiniMind.MLNet.Dpo.Tokenization.Models;
using MiniMind.MLNet.Dpo.Tokenization.Normalization;
using MiniMind.MLNet.Dpo.Tokenization.Splitting;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Reads tokenizer.json; what is not supported is an error that names key and value.</summary>
internal static class TokenizerJsonReader
{
    /// <summary>The largest file that is read, twice what the largest published tokenizers have.</summary>
    public const int MaxFileBytes = 64 << 20;

    private const string FileName = TokenizerText.FileName;
    private static readonly string[] s_sections =
        ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"];
    private static readonly JsonSerializerOptions s_readableOptions = new() { Encoder = TokenizerText.Readable };

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">It is malformed, or asks for something that is not supported.</exception>
    public static TokenizerDefinition Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxFileBytes)
            throw new InvalidDataException($"{FileName} has {json.Length} bytes; at most {MaxFileBytes} are read.");
        if (json.Span.StartsWith("version https://"u8))
        {
            throw new InvalidDataException(
                $"{FileName} is a Git LFS pointer that stands in for the file; fetch it with 'git lfs pull', or download the file itself.");
        }

        try
        {
            return ReadSections(json);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{FileName} is malformed: {failure.Message}", failure);
        }
    }

    private static TokenizerDefinition ReadSections(ReadOnlyMemory<byte> json)
    {
        Utf8JsonReader reader = new(json.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException($"{FileName} holds a {reader.TokenType}, not an object with 'model': it is no Hugging Face tokenizer.");

        TokenModel? model = null;
        bool modelIsThere = false;
        FaultList faults = new(FileName);
        Dictionary<string, JsonElement> sections = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = TokenizerText.Read(ref reader, "the object");
            reader.Read();
            if (key == "model" && !modelIsThere)
            {
                modelIsThere = true;
                Utf8JsonReader ahead = reader;
                try
                {
                    model = TokenModelReader.Read(ref reader);
                }
                catch (InvalidDataException failure)
                {
                    faults.Add(failure);
                    reader = ahead;
                    reader.Skip();
                }
                continue;
            }
            using JsonDocument value = TokenizerText.ReadSmall(ref reader, key);
            if (!s_sections.Contains(key) && key != "model")
                throw new InvalidDataException($"{FileName}: {key} is not supported; the sections are model, {string.Join(", ", s_sections)}.");
            if (!sections.TryAdd(key, value.RootElement.Clone()) || key == "model")
                throw new InvalidDataException($"{FileName}: {key} is there twice.");
        }
        if (reader.Read())
            throw new InvalidDataException($"{FileName}: something follows the object.");

        JsonSection file = JsonSection.Of(FileName, "", JsonSerializer.SerializeToElement(sections, s_readableOptions));
        if (!modelIsThere)
            faults.Add(file.Error("model", "is missing; it must be a BPE or Unigram model"));
        return Assemble(file, model, faults);
    }

    // Every section is read whatever is wrong with the others, so that one error names all that stands in the way.
    private static TokenizerDefinition Assemble(JsonSection file, TokenModel? model, FaultList faults)
    {
        PatternReader patterns = new();
        faults.Try(() => Require(file, "version", file.OptionalText("version") is null or "1.0", "\"1.0\""));
        List<string> notes = faults.Try(() => Notes(file)) ?? [];
        Normalizer? normalizer = faults.Try(() => NormalizerReader.Read(file.OptionalSection("normalizer"), patterns, faults));
        WordSplitter? words = faults.Try(() => PreTokenizerReader.Read(file.OptionalSection("pre_tokenizer"), patterns, faults));
        DecoderPlan? decoder = faults.Try(() => DecoderReader.Read(Decoder(file), patterns));
        JsonSection? postProcessor = faults.Try(() => file.OptionalSection("post_processor"));
        SequenceFrame? frame = faults.Try(() => postProcessor is null ? SequenceFrame.None : PostProcessorReader.Frame(postProcessor));
        OffsetTrimming trimming = faults.Try(() => postProcessor is null || frame is null ? OffsetTrimming.None : PostProcessorReader.Trimming(postProcessor));
        List<AddedToken>? addedTokens = model is null ? null : faults.Try(() => AddedTokenReader.All(file, model.Vocabulary));
        if (model is MergeModel { FallsBackToBytes: true } && words is { IsByteLevel: true } && !HasAllBytes(model))
        {
            faults.Add(file.Error("model.byte_fallback", "is true; supported behind a ByteLevel pre_tokenizer: false, or a vocabulary with all 256 bytes, " +
                "which never falls back"));
        }

        faults.ThrowIfAny("docs/TOKENIZERS.md lists what is read.");
        return new TokenizerDefinition
        {
            Model = words!.IsByteLevel && model is MergeModel merges ? merges.OfBytes() : model!,
            AddedTokens = addedTokens!,
            Normalizer = normalizer!,
            Words = words,
            Frame = frame!,
            Decoder = decoder!,
            Trimming = trimming,
            Notes = notes,
        };
    }

    private static bool Require(JsonSection file, string key, bool isSupported, string supported)
    {
        file.Require(key, isSupported, supported);
        return true;
    }

    private static JsonSection Decoder(JsonSection file) => file.OptionalSection("decoder")
        ?? throw file.Error("decoder", "is missing; without one the reference puts spaces between all tokens. Supported: \"ByteLevel\" for byte-level "
            + "vocabularies, a Sequence with \"ByteFallback\" or \"Metaspace\" for SentencePiece's");

    private static bool HasAllBytes(TokenModel model) =>
        Enumerable.Range(0, 256).All(value => model.Vocabulary.ContainsKey(ByteLevelAlphabet.CharacterOf((byte)value).ToString()));

    private static List<string> Notes(JsonSection file)
    {
        List<string> notes = [];
        if (file.OptionalSection("truncation") is not null)
            notes.Add($"{FileName}: truncation is not used; texts are cut where the transforms' maxLength says.");
        if (file.OptionalSection("padding") is not null)
            notes.Add($"{FileName}: padding is not used; batches are padded where they are made.");
        return notes;
    }
}
