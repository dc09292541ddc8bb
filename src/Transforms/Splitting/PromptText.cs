using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tokenization.Normalization;

namespace MiniMind.MLNet.Dpo.Transforms.Splitting;

/// <summary>What a pair asks, as text that is the same however it was written: the messages that both sides share before they part.</summary>
/// <remarks>
/// Of a message count the role, the content and the tool calls; ids, times and other fields beside them do not, nor do escapes, the way accents are
/// composed, and runs of white space. The last message of a side is its answer and no part of the prompt.
/// </remarks>
internal static class PromptText
{
    private const char FieldEnd = '\u001f', MessageEnd = '\u001e'; // white space, so that no normalised text has them
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The prompt of a pair.</summary>
    /// <param name="chosen">A JSON message list.</param>
    /// <param name="rejected">A JSON message list.</param>
    /// <exception cref="InvalidDataException">A side is no message list, or the sides have no prompt in common; the message says which and why.</exception>
    public static string Of(string chosen, string rejected)
    {
        (string Role, string Text)[] one = Messages(chosen, "chosen"), other = Messages(rejected, "rejected");
        int most = Math.Min(one.Length, other.Length) - 1, shared = 0;
        while (shared < most && one[shared] == other[shared])
            shared++;
        if (shared == 0)
            throw new InvalidDataException("the two sides share no message before their answers, so that they have no prompt in common");
        foreach ((string role, _) in new[] { one[shared], other[shared] })
        {
            if (role is "user" or "system")
            {
                throw new InvalidDataException(
                    $"the two sides part at message {shared + 1}, which is the {role}'s; they must share everything before an answer");
            }
        }
        StringBuilder prompt = new();
        foreach ((string role, string text) in one.Take(shared))
            prompt.Append(role).Append(FieldEnd).Append(text).Append(MessageEnd);
        return prompt.ToString();
    }

    /// <summary>A text in Unicode's form C, with one space for each run of white space, and none at its ends.</summary>
    public static string Normalise(string text)
    {
        string composed = UnicodeNormalization.IsSurelyComposed(text) ? text : UnicodeNormalization.Compose(text, []);
        return string.Join(' ', composed.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static (string Role, string Text)[] Messages(string json, string side)
    {
        using JsonDocument document = Parse(json, side);
        if (document.RootElement.ValueKind != JsonValueKind.Array || document.RootElement.GetArrayLength() == 0)
            throw new InvalidDataException($"the {side} side is no list of messages, but {Excerpt.Of(json)}");
        return [.. document.RootElement.EnumerateArray().Select((message, index) => Message(message, $"message {index + 1} of the {side} side"))];
    }

    private static JsonDocument Parse(string json, string side)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            string found = string.IsNullOrWhiteSpace(json) ? "empty" : $"'{Excerpt.Of(json)}'";
            throw new InvalidDataException($"the {side} side is no JSON message list, but {found}");
        }
    }

    private static (string Role, string Text) Message(JsonElement message, string name)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("role", out JsonElement role) || role.ValueKind != JsonValueKind.String)
            throw new InvalidDataException($"{name} has no 'role'");
        string text = message.TryGetProperty("content", out JsonElement content) ? Normalise(Content(content)) : "";
        return (Text(role), message.TryGetProperty("tool_calls", out JsonElement calls) ? text + FieldEnd + Calls(calls) : text + FieldEnd);
    }

    private static string Content(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => Text(content),
        JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(Content)),
        JsonValueKind.Object when content.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String => Text(text),
        _ => JsonSerializer.Serialize(content, s_plain),
    };

    private static string Calls(JsonElement calls)
    {
        string text = calls.ValueKind switch
        {
            JsonValueKind.Null => "",
            JsonValueKind.Array when calls.GetArrayLength() == 0 => "",
            JsonValueKind.String => Text(calls),
            _ => JsonSerializer.Serialize(calls, s_plain),
        };
        return string.Concat(text.Where(character => !char.IsWhiteSpace(character))); // a list may stand in a string, written with other white space
    }

    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText(); // half of a surrogate pair, which no string can be made of
        }
    }
}
