using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo;

namespace QuickStart;

/// <summary>Reads message lists as the data's text columns hold them.</summary>
internal static class Prompts
{
    /// <summary>All messages of a conversation but the answer.</summary>
    public static List<ChatMessage> BeforeAnswer(string messagesJson)
    {
        using JsonDocument messages = JsonDocument.Parse(messagesJson);
        return [.. messages.RootElement.EnumerateArray().SkipLast(1).Select(message =>
            new ChatMessage(new ChatRole(Text(message, "role")), Text(message, "content")))];
    }

    /// <summary>Whether pairs differ in more than their answers.</summary>
    public static bool MoreThanOne(IEnumerable<PreferencePair> pairs) =>
        pairs.Select(pair => string.Join('\n', BeforeAnswer(pair.Chosen).Select(message => message.Text.Trim()))).Distinct().Take(2).Count() > 1;

    /// <summary>The text of the last message.</summary>
    public static string Answer(string messagesJson)
    {
        using JsonDocument messages = JsonDocument.Parse(messagesJson);
        return Text(messages.RootElement.EnumerateArray().Last(), "content");
    }

    /// <summary>The beginning of a text, on one line.</summary>
    public static string Shorten(string text)
    {
        const int longest = 100;
        string line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= longest ? line : $"{line.AsSpan(0, longest)}…";
    }

    private static string Text(JsonElement message, string name) =>
        message.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
}
