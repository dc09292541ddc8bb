using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>An object of a tokenizer file, read strictly: what is missing, of another kind or unknown is an error that names its key.</summary>
/// <param name="file">The file's name, for the errors.</param>
/// <param name="path">Where the object stands in the file.</param>
/// <param name="element">The object.</param>
internal sealed class JsonSection(string file, string path, JsonElement element)
{
    private const int MaxShownLength = 60;

    /// <summary>The section of an element that must be an object.</summary>
    public static JsonSection Of(string file, string path, JsonElement element) =>
        element.ValueKind == JsonValueKind.Object
            ? new JsonSection(file, path, element)
            : throw new InvalidDataException($"{file}: {path} is {Show(element)}; it must be an object.");

    /// <summary>The section's <c>type</c>.</summary>
    public string Type => Text("type");

    /// <summary>Refuses every key but the given ones, and every key that is there twice.</summary>
    public void AllowOnly(params ReadOnlySpan<string> keys)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!seen.Add(property.Name))
                throw Error(property.Name, "is there twice");
            if (!keys.Contains(property.Name))
                throw Error(property.Name, $"is {Show(property.Value)}; this key is not supported here, only {string.Join(", ", keys)}");
        }
    }

    /// <summary>A text that must be there.</summary>
    public string Text(string key) =>
        OptionalText(key) ?? throw Error(key, "is missing; it must be a string");

    /// <summary>A text, or <see langword="null"/> where it is missing or null.</summary>
    public string? OptionalText(string key) =>
        Find(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Error(key, $"is {Show(value)}; it must be a string");

    /// <summary>A truth value.</summary>
    public bool Flag(string key, bool whenMissing) => OptionalFlag(key) ?? whenMissing;

    /// <summary>A truth value that must be there.</summary>
    public bool Flag(string key) => OptionalFlag(key) ?? throw Error(key, "is missing; it must be true or false");

    /// <summary>A truth value, or <see langword="null"/> where it is missing or null.</summary>
    public bool? OptionalFlag(string key) =>
        Find(key) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Error(key, $"is {Show(value)}; it must be true or false");

    /// <summary>A token id that must be there.</summary>
    public int Id(string key) =>
        Find(key) is { } value ? Id(key, value) : throw Error(key, "is missing; it must be a token id");

    /// <summary>The id of a pair of a token and its id, which must be there.</summary>
    public int TokenAndId(string key)
    {
        JsonElement[] pair = [.. Items(key)];
        return pair is [{ ValueKind: JsonValueKind.String }, _] ? Id(key, pair[1]) : throw Error(key, "is no pair of a token and its id");
    }

    /// <summary>The objects of a list that must be there.</summary>
    public IEnumerable<JsonSection> Sections(string key)
    {
        int index = 0;
        foreach (JsonElement item in Items(key))
            yield return Of(file, $"{Path(key)}[{index++}]", item);
    }

    /// <summary>The token ids of a list that must be there.</summary>
    public int[] Ids(string key) => [.. Items(key).Select(item => Id(key, item))];

    /// <summary>An object that must be there.</summary>
    public JsonSection Section(string key) =>
        OptionalSection(key) ?? throw Error(key, "is missing; it must be an object");

    /// <summary>An object, or <see langword="null"/> where it is missing or null.</summary>
    public JsonSection? OptionalSection(string key) => Find(key) is { } value ? Of(file, Path(key), value) : null;

    /// <summary>Whether the key is there and not null.</summary>
    public bool HasValue(string key) => Find(key) is not null;

    /// <summary>The token ids of this section by their keys.</summary>
    public Dictionary<string, int> Ids()
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!ids.TryAdd(property.Name, Id(property.Name, property.Value)))
                throw Error(property.Name, "is there twice");
        }

        return ids;
    }

    /// <summary>The objects of this section by their keys.</summary>
    public Dictionary<string, JsonSection> Entries()
    {
        Dictionary<string, JsonSection> entries = new(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!entries.TryAdd(property.Name, Of(file, Path(property.Name), property.Value)))
                throw Error(property.Name, "is there twice");
        }

        return entries;
    }

    /// <summary>A token written as text or as an object with its <c>content</c>, or <see langword="null"/> where it is missing or null.</summary>
    public string? OptionalToken(string key) => Find(key) is { } value ? Token(key, value) : null;

    /// <summary>The tokens of a list, or of an object's values; none where the key is missing or null.</summary>
    public IEnumerable<string> OptionalTokens(string key) => Find(key) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item => Token(key, item))],
        { ValueKind: JsonValueKind.Object } named => [.. named.EnumerateObject().Select(item => Token(key, item.Value))],
        { } other => throw Error(key, $"is {Show(other)}; it must be a list of tokens"),
    };

    /// <summary>Refuses a value that would change the tokens in a way that is not supported.</summary>
    public void Require(string key, bool isSupported, string supported)
    {
        if (!isSupported)
            throw Error(key, $"is {(Find(key) is { } value ? Show(value) : "missing")}; supported: {supported}");
    }

    /// <summary>An error about one of the keys.</summary>
    public InvalidDataException Error(string key, string what) => new($"{file}: {Path(key)} {what}.");

    private string Path(string key) => path.Length == 0 ? key : $"{path}.{key}";

    private JsonElement? Find(string key) =>
        element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private JsonElement.ArrayEnumerator Items(string key) =>
        Find(key) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : throw Error(key, "is missing or no list");

    private int Id(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id is >= 0 and < TokenizerLimits.Vocabulary
            ? id
            : throw Error(key, $"is {Show(value)}; a token id is a whole number from 0 to {TokenizerLimits.Vocabulary - 1}");

    private string Token(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : Of(file, Path(key), value).Text("content");

    private static string Show(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= MaxShownLength ? text : text[..MaxShownLength] + "...";
    }
}
