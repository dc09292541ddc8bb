using System.Text;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Brings messages into the form with <c>role</c> and <c>content</c>: ShareGPT's <c>from</c> and <c>value</c>, and contents of parts.</summary>
internal static class SourceMessages
{
    private static readonly Dictionary<string, MessageRole> s_speakers = new(StringComparer.Ordinal)
    {
        ["human"] = MessageRole.User, ["user"] = MessageRole.User,
        ["gpt"] = MessageRole.Assistant, ["chatgpt"] = MessageRole.Assistant, ["assistant"] = MessageRole.Assistant, ["model"] = MessageRole.Assistant,
        ["bot"] = MessageRole.Assistant, ["bing"] = MessageRole.Assistant, ["bard"] = MessageRole.Assistant,
        ["system"] = MessageRole.System, ["tool"] = MessageRole.Tool,
    };

    /// <summary>Whether an object names a speaker, as messages do.</summary>
    public static bool IsMessage(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && (value.TryGetProperty("role", out _) || value.TryGetProperty("from", out _));

    /// <summary>Reads a list of messages; what is none stays as it is, for the row reader to refuse.</summary>
    public static List<SourceMessage> Read(JsonElement list, string name, LineLocation at)
    {
        List<SourceMessage> messages = new();
        foreach (JsonElement message in list.EnumerateArray())
            messages.Add(ReadOne(message, $"{name}[{messages.Count}]", at));
        return messages;
    }

    /// <summary>Reads one message.</summary>
    /// <exception cref="PreferenceDataException">It says its speaker or its text twice, its speaker is unknown, or a part of it is no text.</exception>
    public static SourceMessage ReadOne(JsonElement message, string name, LineLocation at)
    {
        if (message.ValueKind != JsonValueKind.Object)
            return new SourceMessage(null, null, message.GetRawText());
        JsonElement? role = Only(message, "role", name, at), from = Only(message, "from", name, at);
        JsonElement? content = Only(message, "content", name, at), value = Only(message, "value", name, at);
        bool takesValue = value is not null && (content is null || IsSame(content.Value, value.Value));
        if (value is not null && !takesValue && from is not null)
        {
            throw at.Fault(BadRowReason.RepeatedField, $"{name}.value",
                $"'{name}' has both 'content' and 'value', and they differ; keep the one that is meant.");
        }

        MessageRole? speaker = from is { } given ? Speaker(given, $"{name}.from", at) : null;
        MessageRole? known = role is { ValueKind: JsonValueKind.String } named && Array.IndexOf(MessageRoles.Names, named.GetString()) is >= 0 and int index
            ? (MessageRole)index
            : null;
        if (role is not null && speaker is not null && known != speaker)
            throw at.Fault(BadRowReason.RepeatedField, $"{name}.from", $"'{name}' has both 'role' and 'from', and they differ; keep the one that is meant.");

        JsonElement? said = takesValue ? value : content;
        bool hasParts = said is { ValueKind: JsonValueKind.Array } parts && parts.GetArrayLength() > 0;
        string? text = hasParts ? TextParts.Join(said!.Value, $"{name}.{(takesValue ? "value" : "content")}", at)
            : said is { ValueKind: JsonValueKind.String } plain ? plain.GetString() : null;
        string json = speaker is null && !takesValue && !hasParts
            ? message.GetRawText()
            : Write(message, speaker ?? known, hasParts ? JsonString.Of(text!) : said?.GetRawText() ?? "null", takesValue);
        return new SourceMessage(role is null ? speaker : known, text, json);
    }

    private static string Write(JsonElement message, MessageRole? speaker, string content, bool takesValue)
    {
        StringBuilder json = new("{");
        bool wroteRole = false, wroteContent = false;
        foreach (JsonProperty property in message.EnumerateObject())
        {
            if (property.Name is "role" or "from")
            {
                if (wroteRole)
                    continue;
                wroteRole = true;
                Append(json, "role", speaker is { } role ? $"\"{role.Name()}\"" : property.Value.GetRawText());
            }
            else if (property.Name == "content" || (property.Name == "value" && takesValue))
            {
                if (wroteContent)
                    continue;
                wroteContent = true;
                Append(json, "content", content);
            }
            else
            {
                Append(json, property.Name, property.Value.GetRawText());
            }
        }
        return json.Append('}').ToString();
    }

    private static void Append(StringBuilder json, string name, string value) =>
        json.Append(json.Length > 1 ? "," : "").Append(JsonString.Of(name)).Append(':').Append(value);

    private static MessageRole Speaker(JsonElement from, string name, LineLocation at)
    {
        if (from.ValueKind == JsonValueKind.String && s_speakers.TryGetValue(from.GetString()!, out MessageRole role))
            return role;
        string value = from.ValueKind == JsonValueKind.String ? from.GetString()! : from.GetRawText();
        throw at.Fault(BadRowReason.UnknownRole, name, $"'{name}' is '{Excerpt.Of(value)}'; it must be one of {string.Join(", ", s_speakers.Keys)}.");
    }

    // The field's value where it is there and not null.
    private static JsonElement? Only(JsonElement message, string field, string name, LineLocation at)
    {
        JsonElement? found = null;
        bool named = false;
        foreach (JsonProperty property in message.EnumerateObject())
        {
            if (property.Name != field)
                continue;
            if (named)
                throw at.Fault(BadRowReason.RepeatedField, $"{name}.{field}", $"'{name}' has '{field}' twice; keep the one that is meant.");
            named = true;
            found = property.Value.ValueKind == JsonValueKind.Null ? null : property.Value;
        }
        return found;
    }

    private static bool IsSame(JsonElement left, JsonElement right) => JsonElement.DeepEquals(left, right);
}
