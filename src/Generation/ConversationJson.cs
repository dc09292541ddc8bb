using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Chat messages as the JSON list that chat templates read.</summary>
internal static class ConversationJson
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Roles and texts, in order.</summary>
    /// <exception cref="ArgumentException">There is no message, or one is null.</exception>
    /// <exception cref="NotSupportedException">A message holds something other than text.</exception>
    public static string Of(IEnumerable<ChatMessage> messages)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, s_options))
        {
            int count = 0;
            writer.WriteStartArray();
            foreach (ChatMessage message in messages)
            {
                count++;
                if (message is null)
                    throw new ArgumentException($"Message {count} is null.", nameof(messages));
                if (message.Contents.FirstOrDefault(content => content is not (TextContent or UsageContent)) is { } other)
                    throw new NotSupportedException($"Message {count} (role '{message.Role}') holds {other.GetType().Name}; this client reads text only.");
                writer.WriteStartObject();
                writer.WriteString("role", message.Role.Value);
                writer.WriteString("content", message.Text);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            if (count == 0)
                throw new ArgumentException("There is no message to answer.", nameof(messages));
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
