using System.Text;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Looks at the first JSON values of a file, of which only the beginning is at hand.</summary>
internal static class JsonBeginning
{
    private static readonly string[] s_rowKeys = ["chosen", "rejected", "prompt", "question", "instruction", "completion", "messages", "conversations"];

    /// <summary>Whether a text is one whole JSON value of a kind.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> text, JsonTokenType first, bool mayBeEmpty)
    {
        try
        {
            Utf8JsonReader reader = new(text);
            if (!reader.Read() || reader.TokenType != first)
                return false;
            bool isEmpty = reader.Read() && reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
            while (reader.Read())
            {
            }
            return mayBeEmpty || !isEmpty;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether a text that goes on elsewhere begins as JSON, up to the end of its first value at least.</summary>
    public static bool IsBegun(ReadOnlySpan<byte> text)
    {
        try
        {
            Utf8JsonReader reader = new(text, isFinalBlock: false, default);
            while (reader.Read())
            {
                if (reader.CurrentDepth == 0 && reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                    break;
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Why the one object of a file is no row but holds the rows in another way; null where it may be a row.</summary>
    public static string? WhyNoRow(ReadOnlySpan<byte> text)
    {
        Utf8JsonReader reader = new(text, isFinalBlock: false, default);
        List<string> keys = new();
        bool onlyLists = true;
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string key = reader.GetString()!;
                if (!reader.Read())
                    break;
                keys.Add(key);
                Utf8JsonReader inside = reader;
                if (Holds(ref inside, key) is { } found)
                    return found;
                bool hasElement = inside.TokenStartIndex > reader.TokenStartIndex
                    && inside.TokenType is not (JsonTokenType.StartObject or JsonTokenType.EndArray);
                onlyLists &= reader.TokenType == JsonTokenType.StartArray && hasElement;
                if (!reader.TrySkip())
                    break;
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
        if (keys.Contains("columns") && keys.Contains("data"))
            return Columns("{\"columns\": [...], \"data\": [...]}");
        return onlyLists && keys.Count > 0 ? Columns($"{{\"{Excerpt.Of(keys[0])}\": [...]}}") : null;
    }

    // What an object's value shows; the reader is left on the first token inside it.
    private static string? Holds(ref Utf8JsonReader inside, string key)
    {
        JsonTokenType value = inside.TokenType;
        if (value is not (JsonTokenType.StartObject or JsonTokenType.StartArray) || !inside.Read())
            return null;
        if (value == JsonTokenType.StartObject)
        {
            return inside.TokenType == JsonTokenType.PropertyName && IsNumber(inside.GetString()!)
                ? Columns($"{{\"{Excerpt.Of(key)}\": {{\"{inside.GetString()}\": ...}}}}, as pandas' to_json writes it by default")
                : null;
        }
        if (inside.TokenType != JsonTokenType.StartObject)
            return null;
        Utf8JsonReader element = inside;
        while (element.Read() && element.TokenType == JsonTokenType.PropertyName)
        {
            if (s_rowKeys.Contains(element.GetString()))
                return $"the file is one JSON object whose '{Excerpt.Of(key)}' lists the rows; write that list alone, or one row per line.";
            if (!element.Read() || !element.TrySkip())
                break;
        }
        return null;
    }

    private static bool IsNumber(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    private static string Columns(string form) =>
        new StringBuilder("the file is one JSON object of columns, ").Append(form)
            .Append("; write rows instead: df.to_json(file, orient=\"records\", lines=True).").ToString();
}
