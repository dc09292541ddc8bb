using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>Reads the messages of a conversation.</summary>
internal static class MessageReader
{
    /// <summary>Reads all.</summary>
    /// <exception cref="ApiException">One has something that the model cannot be told, or is malformed.</exception>
    public static IReadOnlyList<ChatMessage> Read(IReadOnlyList<JsonElement> messages)
    {
        Dictionary<string, string> functions = [];
        List<ChatMessage> conversation = [];
        for (int i = 0; i < messages.Count; i++)
        {
            RequestFields message = new(messages[i], $"messages[{i}]");
            conversation.Add(Message(message, functions));
            message.RefuseRest();
        }
        return conversation;
    }

    private static ChatMessage Message(RequestFields message, Dictionary<string, string> functions)
    {
        string role = message.RequiredText("role");
        switch (role)
        {
            case "system" or "developer": // OpenAI's newer name of the same; templates know the older one
                RefuseName(message);
                return new ChatMessage(ChatRole.System, Contents(message, isRequired: true));
            case "user":
                RefuseName(message);
                return new ChatMessage(ChatRole.User, Contents(message, isRequired: true));
            case "assistant":
                RefuseName(message);
                return Assistant(message, functions);
            case "tool":
                return Result(message, functions);
            default:
                throw Faults.Invalid(message.PathOf("role"),
                    $"'{message.PathOf("role")}' is '{Faults.Shortened(role)}'; it must be 'system', 'developer', 'user', 'assistant' or 'tool'.");
        }
    }

    private static void RefuseName(RequestFields message) =>
        message.Accept("name", _ => false, "the model's chat template tells no names; write it into the message");

    private static ChatMessage Assistant(RequestFields message, Dictionary<string, string> functions)
    {
        foreach (string field in (string[])["refusal", "audio", "function_call"])
            message.Accept(field, _ => false, "the model cannot be told of it");
        message.Accept("annotations", value => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0, "the model cannot be told of them");
        List<AIContent> contents = [];
        if (message.Text("reasoning_content") is { Length: > 0 } reasoning)
            contents.Add(new TextReasoningContent(reasoning));
        IReadOnlyList<FunctionCallContent> calls = CallReader.Read(message);
        contents.AddRange(Contents(message, isRequired: calls.Count == 0));
        foreach (FunctionCallContent call in calls)
        {
            functions[call.CallId] = call.Name;
            contents.Add(call);
        }
        return new ChatMessage(ChatRole.Assistant, contents);
    }

    private static ChatMessage Result(RequestFields message, Dictionary<string, string> functions)
    {
        string id = message.RequiredText("tool_call_id");
        if (functions.GetValueOrDefault(id) is not { } function)
        {
            throw Faults.Invalid(message.PathOf("tool_call_id"),
                $"'{message.PathOf("tool_call_id")}' is '{Faults.Shortened(id)}', which no call of an earlier message has.");
        }
        message.Accept("name", value => HabitualFields.Is(value, function), $"the call that it answers is of '{function}'");
        string text = string.Concat(Contents(message, isRequired: true).OfType<TextContent>().Select(content => content.Text));
        return new ChatMessage(ChatRole.Tool, [new FunctionResultContent(id, text)]);
    }

    /// <summary>Texts: a string, or a list of parts.</summary>
    private static List<AIContent> Contents(RequestFields message, bool isRequired)
    {
        string path = message.PathOf("content");
        if (message.Take("content") is not { } content)
            return isRequired ? throw Faults.Missing(path) : [];
        if (content.ValueKind == JsonValueKind.String)
            return [new TextContent(content.GetString()!)];
        if (content.ValueKind != JsonValueKind.Array)
            throw RequestFields.WrongKind(path, "a string or a list of parts", content);
        if (content.GetArrayLength() == 0)
            throw Faults.Invalid(path, $"'{path}' is an empty list; it must have a part, or be a string.", "empty_array");
        List<AIContent> parts = [];
        foreach (JsonElement element in content.EnumerateArray())
        {
            RequestFields part = new(element, $"{path}[{parts.Count}]");
            string type = part.RequiredText("type");
            if (type != "text")
                throw Faults.Unsupported(part.PathOf("type"), $"'{part.PathOf("type")}' is '{Faults.Shortened(type)}'; the model reads text only.");
            parts.Add(new TextContent(part.RequiredText("text")));
            part.RefuseRest();
        }
        return parts;
    }
}
