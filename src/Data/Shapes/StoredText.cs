using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Lists and objects that stand in a string: as JSON text, as CSV files and tables leave them, or as Python's <c>str()</c> of them.</summary>
internal static partial class StoredText
{
    private static readonly string[] s_speakerKeys = ["\"role\"", "'role'", "\"from\"", "'from'"];
    private static readonly string[] s_contentKeys = ["content", "value"];

    /// <summary>The messages that a text holds; null where it is a text like any other.</summary>
    /// <exception cref="PreferenceDataException">It begins as stored messages do, but cannot be read.</exception>
    public static JsonElement? FindMessages(string text, string name, LineLocation at)
    {
        if (Representation().IsMatch(text))
        {
            throw at.Fault(BadRowReason.WrongType, name,
                $"'{name}' is a string, '{Excerpt.Of(text)}', as Python writes objects of messages, not a list of them; store the messages as " +
                    "dictionaries with "
                + "'role' and 'content'.");
        }

        text = Unpacked(text);
        if (!OpensStructure(text))
            return null;
        JsonElement? value = Read(text, out int fault);
        if (value is { } read)
            return IsMessages(read) ? read : null;
        string start = text[..Math.Min(text.Length, 200)];
        if (!s_speakerKeys.Any(key => start.Contains(key, StringComparison.Ordinal)) || !s_contentKeys.Any(key => text.Contains(key, StringComparison.Ordinal)))
            return null;
        throw at.Fault(BadRowReason.WrongType, name,
            $"'{name}' is a string that begins as a stored message list, '{Excerpt.Of(text)}', and cannot be read from character {fault + 1}, near "
            + $"'{Near(text, fault)}'; store the list itself.");
    }

    /// <summary>Any list or object that a text holds; null where it holds none.</summary>
    public static JsonElement? Find(string text)
    {
        string stored = Unpacked(text);
        JsonElement? value = OpensStructure(stored) ? Read(stored, out _) : null;
        return ReferenceEquals(stored, text) || (value is { } read && IsMessages(read)) ? value : null;
    }

    // A list that was made text twice stands in a JSON string.
    private static string Unpacked(string text)
    {
        ReadOnlySpan<char> start = text.AsSpan().TrimStart();
        if (!start.StartsWith("\"[") && !start.StartsWith("\"{"))
            return text;
        try
        {
            return Parse(text).GetString()!;
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private static bool OpensStructure(string text)
    {
        ReadOnlySpan<char> start = text.AsSpan().TrimStart();
        return start.StartsWith("[") || start.StartsWith("{") || start.StartsWith("(") || start.StartsWith("array(");
    }

    private static bool IsMessages(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() > 0 && value.EnumerateArray().All(SourceMessages.IsMessage),
        JsonValueKind.Object => SourceMessages.IsMessage(value),
        _ => false,
    };

    private static JsonElement? Read(string text, out int fault)
    {
        fault = 0;
        try
        {
            return Parse(text);
        }
        catch (JsonException)
        {
            string? json = PythonLiteral.ToJson(text, out fault);
            return json is null ? null : Parse(json);
        }
    }

    private static JsonElement Parse(string json)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(json);
        if (Utf8Text.FirstUnpairedSurrogate(utf8) >= 0)
            throw new JsonException("half a character");
        Utf8JsonReader reader = new(utf8);
        JsonElement value = JsonElement.ParseValue(ref reader);
        return reader.Read() ? throw new JsonException("more than one value") : value;
    }

    private static string Near(string text, int offset)
    {
        int start = Math.Clamp(offset - 10, 0, text.Length);
        return Excerpt.Of(text[start..Math.Min(text.Length, start + 30)].ReplaceLoneSurrogates());
    }

    private static string ReplaceLoneSurrogates(this string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    [GeneratedRegex(@"\A\s*[\[(]?\s*(?:\w+\.){0,4}\w{0,60}Message\w{0,20}\(\s*(?:role|content|id|type|name)\s*=", RegexOptions.CultureInvariant)]
    private static partial Regex Representation();
}
