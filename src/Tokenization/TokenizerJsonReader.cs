using System.Text.Encodings.Web;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Reads tokenizer.json of a byte-level BPE tokenizer; what is not supported is an error that names key and value.</summary>
internal static class TokenizerJsonReader
{
    /// <summary>The file's name.</summary>
    public const string FileName = "tokenizer.json";

    /// <summary>The largest file that is read, twice what the largest published byte-level tokenizers have.</summary>
    public const int MaxFileBytes = 64 << 20;

    /// <summary>Writes text as a person would, so that errors show it as it stands in the file.</summary>
    public static readonly JavaScriptEncoder Readable = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>The most bytes of one section beside the model.</summary>
    public const int MaxSectionBytes = 4 << 20;
    /// <summary>The most characters of an added token.</summary>
    public const int MaxContentLength = 1000;
    private const int MaxTextBytes = 64 << 10;
    private static readonly string[] s_sections =
        ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"];
    private static readonly JsonSerializerOptions s_readableOptions = new() { Encoder = Readable };

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

    /// <summary>A value that is small in every sane file, at which the reader stands.</summary>
    public static JsonDocument ReadSmall(ref Utf8JsonReader reader, string path)
    {
        Utf8JsonReader ahead = reader;
        ahead.Skip();
        long length = ahead.BytesConsumed - reader.TokenStartIndex;
        return length <= MaxSectionBytes
            ? JsonDocument.ParseValue(ref reader)
            : throw new InvalidDataException($"{FileName}: {path} has {length} bytes; at most {MaxSectionBytes} are read.");
    }

    /// <summary>The name or text that the reader stands at, which no sane file has longer than a token can be.</summary>
    public static string ReadText(ref Utf8JsonReader reader, string path) => reader.ValueSpan.Length <= MaxTextBytes
        ? reader.GetString()!
        : throw new InvalidDataException($"{FileName}: {path} has a text of {reader.ValueSpan.Length} bytes; at most {MaxTextBytes} are read.");

    private static TokenizerDefinition ReadSections(ReadOnlyMemory<byte> json)
    {
        Utf8JsonReader reader = new(json.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException($"{FileName} holds a {reader.TokenType}, not an object with 'model': it is no Hugging Face tokenizer.");

        MergeModel? model = null;
        bool modelIsThere = false;
        FaultList faults = new(FileName);
        Dictionary<string, JsonElement> sections = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = ReadText(ref reader, "the object");
            reader.Read();
            if (key == "model" && !modelIsThere)
            {
                modelIsThere = true;
                Utf8JsonReader ahead = reader;
                try
                {
                    model = MergeModelReader.Read(ref reader);
                }
                catch (InvalidDataException failure)
                {
                    faults.Add(failure);
                    reader = ahead;
                    reader.Skip();
                }
                continue;
            }
            using JsonDocument value = ReadSmall(ref reader, key);
            if (!s_sections.Contains(key) && key != "model")
                throw new InvalidDataException($"{FileName}: {key} is not supported; the sections are model, {string.Join(", ", s_sections)}.");
            if (!sections.TryAdd(key, value.RootElement.Clone()) || key == "model")
                throw new InvalidDataException($"{FileName}: {key} is there twice.");
        }
        if (reader.Read())
            throw new InvalidDataException($"{FileName}: something follows the object.");

        JsonSection file = JsonSection.Of(FileName, "", JsonSerializer.SerializeToElement(sections, s_readableOptions));
        if (!modelIsThere)
            faults.Add(file.Error("model", "is missing; it must be a BPE model"));
        return Assemble(file, model, faults);
    }

    // Every section is read whatever is wrong with the others, so that one error names all that stands in the way.
    private static TokenizerDefinition Assemble(JsonSection file, MergeModel? model, FaultList faults)
    {
        faults.Try(() => Require(file, "version", file.OptionalText("version") is null or "1.0", "\"1.0\""));
        faults.Try(() => Require(file, "truncation", file.OptionalSection("truncation") is null, "null (the transforms cut at MaxLength)"));
        faults.Try(() => Require(file, "padding", file.OptionalSection("padding") is null, "null (batches are padded later)"));
        int steps = 0;
        bool composes = faults.Try(() => file.OptionalSection("normalizer") is { } normalizer && Composes(normalizer, faults, ref steps));
        WordSplitter? words = faults.Try(() => PreTokenizerReader.Read(Needed(file, "pre_tokenizer"), faults));
        faults.Try(() =>
        {
            JsonSection decoder = Needed(file, "decoder");
            decoder.Require("type", decoder.Type == "ByteLevel", "\"ByteLevel\"");
            decoder.AllowOnly("type", "add_prefix_space", "trim_offsets", "use_regex");
            return true;
        });
        JsonSection? postProcessor = faults.Try(() => file.OptionalSection("post_processor"));
        SequenceFrame? frame = faults.Try(() => postProcessor is null ? SequenceFrame.None : PostProcessorReader.Frame(postProcessor));
        OffsetTrimming trimming = faults.Try(() => postProcessor is null || frame is null ? OffsetTrimming.None : PostProcessorReader.Trimming(postProcessor));
        List<AddedToken>? addedTokens = model is null ? null : faults.Try(() => AddedTokens(file, model));
        faults.ThrowIfAny(
            "What is read here is byte-level BPE, as ByteLevelBPETokenizer of Python's tokenizers makes it: ByteLevel as pre_tokenizer and as decoder, and " +
            "NFC or no normalizer.");
        return new TokenizerDefinition { Model = model!, AddedTokens = addedTokens!, Composes = composes, Words = words!, Frame = frame!, Trimming = trimming };
    }

    private static bool Require(JsonSection file, string key, bool isSupported, string supported)
    {
        file.Require(key, isSupported, supported);
        return true;
    }

    private static JsonSection Needed(JsonSection file, string key) =>
        file.OptionalSection(key) ?? throw file.Error(key, "is missing; supported: \"ByteLevel\"");

    private static bool Composes(JsonSection normalizer, FaultList faults, ref int steps)
    {
        if (normalizer.Type == "Sequence")
        {
            normalizer.AllowOnly("type", "normalizers");
            bool any = false;
            foreach (JsonSection part in normalizer.Sections("normalizers"))
            {
                try
                {
                    any |= Composes(part, faults, ref steps);
                }
                catch (InvalidDataException failure) when (steps <= TokenizerLimits.Steps)
                {
                    faults.Add(failure);
                }
            }
            return any;
        }
        if (++steps > TokenizerLimits.Steps)
            throw normalizer.Error("type", $"is one of more than {TokenizerLimits.Steps} steps; no more are taken");
        normalizer.Require("type", normalizer.Type == "NFC", "\"NFC\", a Sequence of it, or no normalizer");
        normalizer.AllowOnly("type");
        return true;
    }

    private static List<AddedToken> AddedTokens(JsonSection file, MergeModel model)
    {
        List<AddedToken> tokens = new();
        HashSet<string> contents = new(StringComparer.Ordinal);
        int next = model.Vocabulary.Count, characters = 0;
        foreach (JsonSection section in file.HasValue("added_tokens") ? file.Sections("added_tokens") : [])
        {
            section.AllowOnly("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
            AddedToken token = Added(section, section.Id("id"));
            CheckTogether(section, tokens.Count, characters += token.Content.Length);
            if (!contents.Add(token.Content))
                throw section.Error("content", $"is '{token.Content}', which another added token has already");
            // the reference numbers added tokens itself and only warns where the file disagrees
            int expected = model.Vocabulary.TryGetValue(token.Content, out int known) ? known : next++;
            if (token.Id != expected)
                throw section.Error("id", $"is {token.Id}, but '{token.Content}' gets {expected}: the id in model.vocab, or else the next one after it");
            tokens.Add(token);
        }
        return tokens;
    }

    /// <summary>Refuses an added token with which there are too many, or too long ones together.</summary>
    public static void CheckTogether(JsonSection section, int before, int characters)
    {
        if (before >= TokenizerLimits.AddedTokens)
            throw section.Error("content", $"is one of more than {TokenizerLimits.AddedTokens} added tokens; no more are taken");
        if (characters > TokenizerLimits.AddedTokenCharacters)
            throw section.Error("content", $"makes the added tokens together longer than {TokenizerLimits.AddedTokenCharacters} characters; no more are taken");
    }

    /// <summary>An added token as tokenizer.json and tokenizer_config.json write it.</summary>
    public static AddedToken Added(JsonSection section, int id)
    {
        string content = section.Text("content");
        section.Require("content", content.Length is > 0 and <= MaxContentLength, $"1 to {MaxContentLength} characters");
        return new AddedToken(
            id, content, section.Flag("single_word", false), section.Flag("lstrip", false), section.Flag("rstrip", false),
            section.Flag("normalized", true), section.Flag("special", false));
    }
}
