using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Tools as the JSON list that chat templates read: functions as in OpenAI's interface.</summary>
internal static class ToolDescriptions
{
    /// <summary>Names, descriptions and parameters, in order; <see langword="null"/> for no tools, which templates tell from an empty list.</summary>
    public static string? Json(IReadOnlyList<AIFunctionDeclaration> tools)
    {
        if (tools.Count == 0)
            return null;
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, ConversationJson.WriterOptions))
        {
            writer.WriteStartArray();
            foreach (AIFunctionDeclaration tool in tools)
                Write(writer, tool);
            writer.WriteEndArray();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, AIFunctionDeclaration tool)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", tool.Name);
        writer.WriteString("description", tool.Description);
        writer.WritePropertyName("parameters");
        if (tool.JsonSchema.ValueKind == JsonValueKind.Object && tool.JsonSchema.EnumerateObject().Any())
            tool.JsonSchema.WriteTo(writer);
        else
            writer.WriteRawValue("""{"type":"object","properties":{}}"""); // takes none
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
