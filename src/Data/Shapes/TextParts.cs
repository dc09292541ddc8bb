using System.Text;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Contents in parts, as <c>[{"type": "text", "text": "..."}]</c>.</summary>
internal static class TextParts
{
    /// <summary>The parts' texts, one after the other with nothing in between, as chat templates that take parts write them.</summary>
    /// <exception cref="PreferenceDataException">A part is something other than text.</exception>
    public static string Join(JsonElement parts, string name, LineLocation at)
    {
        StringBuilder text = new();
        int index = 0;
        foreach (JsonElement part in parts.EnumerateArray())
            text.Append(Read(part, $"{name}[{index++}]", at));
        return text.ToString();
    }

    private static string Read(JsonElement part, string name, LineLocation at)
    {
        if (part.ValueKind == JsonValueKind.String)
            return part.GetString()!;
        if (part.ValueKind != JsonValueKind.Object)
        {
            throw at.Fault(BadRowReason.WrongType, name,
                $"'{name}' is '{Excerpt.Of(part.GetRawText())}'; a part of a content is an object such as {{\"type\": \"text\", \"text\": \"...\"}}.");
        }

        if (part.TryGetProperty("type", out JsonElement type) && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("text")))
            throw at.Fault(BadRowReason.WrongType, name, $"'{name}' is of type '{Excerpt.Of(type.ToString())}'; only parts of type 'text' can be read.");
        foreach (JsonProperty property in part.EnumerateObject())
        {
            if (property.Name is not ("type" or "text" or "cache_control" or "annotations") && property.Value.ValueKind != JsonValueKind.Null)
            {
                throw at.Fault(BadRowReason.WrongType, $"{name}.{property.Name}",
                    $"'{name}' has '{Excerpt.Of(property.Name)}' beside its text, which would be left out; a part of text has 'type' and 'text'.");
            }
        }
        return part.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : throw at.Fault(BadRowReason.WrongType, $"{name}.text",
                $"'{name}' has no 'text'; a part of a content is an object such as {{\"type\": \"text\", \"text\": \"...\"}}.");
    }
}
