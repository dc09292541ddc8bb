using System.Globalization;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Reads fields of a JSON object and collects every fault instead of stopping at the first.</summary>
/// <param name="json">The object.</param>
/// <param name="faults">Receives the faults.</param>
/// <param name="prefix">What stands before keys in faults, such as <c>rope_scaling.</c>.</param>
internal sealed class ConfigFields(JsonElement json, List<string> faults, string prefix = "")
{
    private const int LongestValue = 60;

    /// <summary>Whether a key is there with a value other than null.</summary>
    public bool Has(string key) => json.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Whether a key is there with the value null.</summary>
    public bool IsNull(string key) => json.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>A whole number, or <paramref name="absent"/> where the key is missing or null.</summary>
    public int Integer(string key, int absent, int least, int most)
    {
        if (!Has(key))
            return absent;
        JsonElement value = json.GetProperty(key);
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= least && number <= most)
            return number;
        Fault(key, $"a whole number from {least.ToString(CultureInfo.InvariantCulture)} to {most.ToString(CultureInfo.InvariantCulture)}");
        return absent;
    }

    /// <summary>A number above or at a bound and below another, or <paramref name="absent"/> where the key is missing or null.</summary>
    public double Number(string key, double absent, double least, double most, bool orEqual = true)
    {
        if (!Has(key))
            return absent;
        JsonElement value = json.GetProperty(key);
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && (orEqual ? number >= least : number > least) && number <= most)
            return number;
        Fault(key, $"a number {(orEqual ? "from" : "above")} {least.ToString(CultureInfo.InvariantCulture)} to {most.ToString(CultureInfo.InvariantCulture)}");
        return absent;
    }

    /// <summary>True or false, or <paramref name="absent"/> where the key is missing or null.</summary>
    public bool Flag(string key, bool absent)
    {
        if (!Has(key))
            return absent;
        JsonElement value = json.GetProperty(key);
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Fault(key, "true or false");
        return absent;
    }

    /// <summary>Text, or <see langword="null"/> where the key is missing or null.</summary>
    public string? Text(string key)
    {
        if (!Has(key))
            return null;
        JsonElement value = json.GetProperty(key);
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        Fault(key, "text");
        return null;
    }

    /// <summary>A token id, or the first of a list of ids, all of which are checked.</summary>
    /// <returns><paramref name="absent"/> where the key is missing, <see langword="null"/> where it is null.</returns>
    public int? TokenId(string key, int? absent, int vocabulary)
    {
        if (!json.TryGetProperty(key, out JsonElement value))
            return absent;
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        JsonElement[] ids = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        if (ids.Length > 0 && ids.All(id => IsTokenId(id, vocabulary)))
            return ids[0].GetInt32();
        Fault(key, $"a token id from 0 to {(vocabulary - 1).ToString(CultureInfo.InvariantCulture)}, a list of them, or null");
        return absent;
    }

    /// <summary>The ids of a list that <see cref="TokenId"/> found right, as they stand there; <see langword="null"/> where the key has no list.</summary>
    public IReadOnlyList<int>? TokenIds(string key, int vocabulary)
    {
        if (!Has(key) || json.GetProperty(key) is not { ValueKind: JsonValueKind.Array } list)
            return null;
        return list.EnumerateArray().All(id => IsTokenId(id, vocabulary)) ? [.. list.EnumerateArray().Select(id => id.GetInt32())] : null;
    }

    private static bool IsTokenId(JsonElement id, int vocabulary) =>
        id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out int number) && number >= 0 && number < vocabulary;

    /// <summary>The fields of an object, or <see langword="null"/> where the key is missing or null.</summary>
    public ConfigFields? Object(string key)
    {
        if (!Has(key))
            return null;
        JsonElement value = json.GetProperty(key);
        if (value.ValueKind == JsonValueKind.Object)
            return new ConfigFields(value, faults, $"{prefix}{key}.");
        Fault(key, "an object");
        return null;
    }

    /// <summary>The texts of a list, or <see langword="null"/> where the key is missing, null, or no list.</summary>
    public IReadOnlyList<string>? Texts(string key)
    {
        if (!Has(key))
            return null;
        JsonElement value = json.GetProperty(key);
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        Fault(key, "a list of texts");
        return null;
    }

    /// <summary>The numbers of a list, or <see langword="null"/> where the key is missing, null, or no list of numbers.</summary>
    public IReadOnlyList<double>? Numbers(string key)
    {
        if (!Has(key))
            return null;
        JsonElement value = json.GetProperty(key);
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number
            && item.TryGetDouble(out double number) && double.IsFinite(number)))
        {
            return [.. value.EnumerateArray().Select(item => item.GetDouble())];
        }

        Fault(key, "a list of numbers");
        return null;
    }

    /// <summary>A text as a list of one, or the texts of a list; <see langword="null"/> where the key is missing, null, or neither.</summary>
    public IReadOnlyList<string>? TextOrTexts(string key) => Has(key) && json.GetProperty(key).ValueKind == JsonValueKind.String ? [Text(key)!] : Texts(key);

    /// <summary>A number or flag that a key has, as it is written, where it is another than a given one and not null.</summary>
    public string? Unlike(string key, string neutral)
    {
        if (!Has(key))
            return null;
        JsonElement value = json.GetProperty(key);
        bool isNeutral = value.ValueKind switch
        {
            JsonValueKind.Number => double.TryParse(neutral, CultureInfo.InvariantCulture, out double number) && value.GetDouble() == number,
            JsonValueKind.Array => value.GetArrayLength() == 0,
            _ => value.GetRawText() == neutral,
        };
        return isNeutral ? null : $"'{prefix}{key}' {Shown(value)}";
    }

    /// <summary>Faults a key whose value, where there is one, makes another architecture of the model.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fits">Whether a value is the architecture that is supported.</param>
    /// <param name="wanted">What it would have to be.</param>
    public void Require(string key, Func<JsonElement, bool> fits, string wanted)
    {
        if (Has(key) && !fits(json.GetProperty(key)))
            Fault(key, $"{wanted}: with another value this is not the architecture that is implemented here");
    }

    /// <summary>Adds the fault that a key's value is not what it must be.</summary>
    public void Fault(string key, string wanted)
    {
        string value = json.TryGetProperty(key, out JsonElement element) ? Shown(element) : "missing";
        faults.Add($"'{prefix}{key}' is {value}; it must be {wanted}");
    }

    private static string Shown(JsonElement element)
    {
        string value = element.GetRawText();
        return (value.Length <= LongestValue ? value : value[..LongestValue] + "...").ReplaceLineEndings(" ");
    }
}
