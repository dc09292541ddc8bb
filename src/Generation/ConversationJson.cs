using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Chat messages as the JSON list that chat templates read.</summary>
internal static class ConversationJson
{
    /// <summary>How JSON for templates is written: characters as they are, for models read them.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions s_values = new(AIJsonUtilities.DefaultOptions)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = false,
    };

    /// <summary>Roles, texts, reasoning, and calls of tools with what they gave, in order.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="template">What the model's template writes of it.</param>
    /// <exception cref="ArgumentException">There is no message, or one is null.</exception>
    /// <exception cref="NotSupportedException">A message holds something that the model cannot be told.</exception>
    public static string Of(IReadOnlyList<ChatMessage> messages, ToolProbe template)
    {
        if (messages.Count == 0)
            throw new ArgumentException("There is no message to answer.", nameof(messages));
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, WriterOptions))
        {
            Dictionary<string, string> functions = [];
            writer.WriteStartArray();
            for (int i = 0; i < messages.Count; i++)
            {
                ChatMessage message = messages[i] ?? throw new ArgumentException($"Message {i + 1} is null.", nameof(messages));
                if (message.Contents.Select(content => Refusal(content, message.Role, template)).FirstOrDefault(refusal => refusal is not null) is { } refused)
                    throw new NotSupportedException($"Message {i + 1} (role '{message.Role}') holds {refused}.");
                foreach (FunctionCallContent call in message.Contents.OfType<FunctionCallContent>())
                    functions[call.CallId] = call.Name;
                Write(writer, message, template, functions);
            }
            writer.WriteEndArray();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string? Refusal(AIContent content, ChatRole role, ToolProbe template) => content switch
    {
        TextContent or UsageContent => null,
        TextReasoningContent { ProtectedData: not null } => "TextReasoningContent with ProtectedData, which only the service that made it can read",
        TextReasoningContent when role == ChatRole.Assistant => null,
        FunctionCallContent when role == ChatRole.Assistant => template.WritesCalls ? null
            : "FunctionCallContent, and the model's chat template writes no tool_calls, so that the model would not see it",
        FunctionResultContent when role == ChatRole.Tool => template.WritesResults ? null
            : "FunctionResultContent, and the model's chat template writes no messages of the role 'tool', so that the model would not see it",
        TextReasoningContent or FunctionCallContent => $"{content.GetType().Name}, which only messages of the role '{ChatRole.Assistant}' have",
        FunctionResultContent => $"FunctionResultContent, which only messages of the role '{ChatRole.Tool}' have",
        _ => $"{content.GetType().Name}; this client reads text, reasoning, and calls of functions with their results only",
    };

    private static void Write(Utf8JsonWriter writer, ChatMessage message, ToolProbe template, IReadOnlyDictionary<string, string> functions)
    {
        FunctionResultContent[] results = [.. message.Contents.OfType<FunctionResultContent>()];
        foreach (FunctionResultContent result in results)
            Write(writer, result, functions.GetValueOrDefault(result.CallId));
        FunctionCallContent[] calls = [.. message.Contents.OfType<FunctionCallContent>()];
        string reasoning = string.Concat(message.Contents.OfType<TextReasoningContent>().Select(content => content.Text)), text = message.Text;
        if (results.Length > 0 && text.Length == 0)
            return;
        writer.WriteStartObject();
        writer.WriteString("role", message.Role.Value);
        writer.WriteString("content", reasoning.Length > 0 && !template.ReadsReasoning ? ThinkTags.Around(reasoning, text) : text);
        if (reasoning.Length > 0 && template.ReadsReasoning)
            writer.WriteString("reasoning_content", reasoning);
        if (calls.Length > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (FunctionCallContent call in calls)
                Write(writer, call);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, FunctionCallContent call)
    {
        writer.WriteStartObject();
        writer.WriteString("id", call.CallId);
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", call.Name);
        writer.WritePropertyName("arguments");
        JsonSerializer.Serialize(writer, call.Arguments ?? new Dictionary<string, object?>(), s_values);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, FunctionResultContent result, string? function)
    {
        writer.WriteStartObject();
        writer.WriteString("role", ChatRole.Tool.Value);
        writer.WriteString("tool_call_id", result.CallId);
        if (function is not null)
            writer.WriteString("name", function);
        writer.WriteString("content", result.Result switch
        {
            string text => text,
            JsonElement { ValueKind: JsonValueKind.String } text => text.GetString(),
            null when result.Exception is { } failure => $"Error: {failure.Message}",
            var other => JsonSerializer.Serialize(other, s_values),
        });
        writer.WriteEndObject();
    }
}
