using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>A conversation as a chat template takes it: tools apart from the messages, and no tool calls left inside a string.</summary>
/// <remarks>
/// As in MiniMind's create_chat_prompt, a system message's <c>tools</c> are the template's tools, and a string of <c>tool_calls</c> is read.
/// The message that opens the conversation may have them too, where there is no system message.
/// </remarks>
/// <param name="MessagesJson">The messages.</param>
/// <param name="ToolsJson">The tools, or <see langword="null"/> where the conversation brings none.</param>
internal sealed record ConversationMessages(string MessagesJson, string? ToolsJson)
{
    private const string Tools = "tools";
    private const string ToolCalls = "tool_calls";
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a conversation.</summary>
    /// <param name="json">A JSON array of messages.</param>
    /// <exception cref="InvalidDataException">It is no JSON array of objects, or a string of tools or of tool calls is no JSON array.</exception>
    public static ConversationMessages Read(string json)
    {
        if (!json.Contains(Tools, StringComparison.Ordinal) && !json.Contains(ToolCalls, StringComparison.Ordinal))
            return new ConversationMessages(json, null);

        using JsonDocument document = Parse(json, "the conversation");
        string? tools = null;
        bool hasStringCalls = false, first = true;
        foreach (JsonElement message in document.RootElement.EnumerateArray())
        {
            if (message.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException($"a message is {message.ValueKind}; each is a JSON object with 'role' and 'content'");
            hasStringCalls |= message.TryGetProperty(ToolCalls, out JsonElement calls) && IsFilledString(calls);
            if ((first || IsSystem(message)) && message.TryGetProperty(Tools, out JsonElement listed))
                tools = ToolsOf(listed) ?? tools;
            first = false;
        }
        return new ConversationMessages(hasStringCalls ? WithReadCalls(document.RootElement) : json, tools);
    }

    private static bool IsSystem(JsonElement message) =>
        message.TryGetProperty("role", out JsonElement role) && role.ValueKind == JsonValueKind.String && role.ValueEquals("system");

    private static bool IsFilledString(JsonElement value) => value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString());

    private static string? ToolsOf(JsonElement listed)
    {
        if (listed.ValueKind == JsonValueKind.Array)
            return listed.GetArrayLength() > 0 ? listed.GetRawText() : null;
        if (!IsFilledString(listed))
            return null;
        string text = listed.GetString()!;
        using JsonDocument parsed = Parse(text, $"'{Tools}' of the system message");
        return parsed.RootElement.GetArrayLength() > 0 ? text : null;
    }

    private static string WithReadCalls(JsonElement messages)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, s_writing))
        {
            writer.WriteStartArray();
            foreach (JsonElement message in messages.EnumerateArray())
            {
                writer.WriteStartObject();
                foreach (JsonProperty property in message.EnumerateObject())
                {
                    if (property.NameEquals(ToolCalls) && IsFilledString(property.Value))
                    {
                        using JsonDocument calls = Parse(property.Value.GetString()!, $"'{ToolCalls}' of a message");
                        writer.WritePropertyName(ToolCalls);
                        calls.RootElement.WriteTo(writer);
                    }
                    else
                    {
                        property.WriteTo(writer);
                    }
                }
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static JsonDocument Parse(string json, string what)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"{what} is not JSON: {failure.Message}", failure);
        }
        if (document.RootElement.ValueKind == JsonValueKind.Array)
            return document;
        using (document)
            throw new InvalidDataException($"{what} is {document.RootElement.ValueKind}, but must be a JSON array");
    }
}
