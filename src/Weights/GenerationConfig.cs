using System.Text.Json;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>A model's <c>generation_config.json</c>: kept as it was read, with what ends an answer.</summary>
internal sealed class GenerationConfig
{
    private const int MaxBytes = 1 << 20;

    private readonly JsonElement _root;
    private readonly string _path;

    private GenerationConfig(ReadOnlyMemory<byte> json, string path, int vocabulary)
    {
        (Json, _path) = (json, path);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            _root = document.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ModelConfigException(path, [$"not valid JSON: {e.Message}"], e);
        }
        if (_root.ValueKind != JsonValueKind.Object)
            throw new ModelConfigException(path, ["the file does not hold a JSON object"]);
        (EosTokenIds, StopStrings) = Fields(fields => (Ids(fields, vocabulary), Texts(fields)));
    }

    /// <summary>The bytes of the file.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The ids that end an answer (<c>eos_token_id</c>, a number or a list); empty where the file has none.</summary>
    public IReadOnlyList<int> EosTokenIds { get; }

    /// <summary>The texts that end an answer (<c>stop_strings</c>, a text or a list).</summary>
    public IReadOnlyList<string> StopStrings { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="vocabulary">Entries of the model's vocabulary.</param>
    /// <param name="options">Whether the file may be a link out of its folder.</param>
    /// <exception cref="ModelConfigException">It is no regular file, too large, not valid JSON, or has ids that no token of the model has; all faults at
    /// once.</exception>
    public static GenerationConfig Read(string path, int vocabulary, ModelLoadOptions? options = null)
    {
        try
        {
            return new GenerationConfig(ModelFile.Read(path, MaxBytes, options), path, vocabulary);
        }
        catch (InvalidDataException refused)
        {
            throw new ModelConfigException(path, refused);
        }
    }

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="json">UTF-8; must not change afterwards.</param>
    /// <param name="path">What messages call it.</param>
    /// <param name="vocabulary">Entries of the model's vocabulary.</param>
    /// <exception cref="ModelConfigException">As <see cref="Read"/>.</exception>
    public static GenerationConfig Parse(ReadOnlyMemory<byte> json, string path, int vocabulary) => new(json, path, vocabulary);

    /// <summary>Reads fields of the file.</summary>
    /// <exception cref="ModelConfigException">One of them is not what it must be; all faults at once.</exception>
    public T Fields<T>(Func<ConfigFields, T> read)
    {
        List<string> faults = [];
        T value = read(new ConfigFields(_root, faults));
        return faults.Count == 0 ? value : throw new ModelConfigException(_path, faults);
    }

    private static IReadOnlyList<int> Ids(ConfigFields fields, int vocabulary)
    {
        int? single = fields.TokenId("eos_token_id", null, vocabulary);
        return fields.TokenIds("eos_token_id", vocabulary) ?? (single is { } id ? [id] : []);
    }

    private static IReadOnlyList<string> Texts(ConfigFields fields)
    {
        IReadOnlyList<string> texts = fields.TextOrTexts("stop_strings") ?? [];
        if (texts.Contains(""))
            fields.Fault("stop_strings", "texts of which none is empty");
        return texts;
    }
}
