using System.Buffers;
using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>One side of a pair: its messages in a form in which they can be compared, and their texts.</summary>
internal sealed class ParsedSide
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int[] _ends;
    private readonly (string Role, string Text)[] _messages;

    /// <summary>Parses a side.</summary>
    /// <exception cref="InvalidDataException">It is no JSON list of messages.</exception>
    public ParsedSide(string json, string side)
    {
        using JsonDocument document = Parse(json, side);
        if (document.RootElement.ValueKind != JsonValueKind.Array || document.RootElement.GetArrayLength() == 0)
            throw new InvalidDataException($"the {side} side is no list of messages, but '{Excerpt.Of(json)}'");
        ArrayBufferWriter<byte> bytes = new(json.Length + 64);
        List<int> ends = [];
        List<(string, string)> messages = [];
        foreach (JsonElement message in document.RootElement.EnumerateArray())
        {
            if (message.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidDataException($"message {ends.Count + 1} of the {side} side is no message, but "
                + $"'{Excerpt.Of(message.GetRawText())}'");
            }

            CanonicalJson.Write(message, bytes);
            ends.Add(bytes.WrittenCount);
            messages.Add((message.TryGetProperty("role", out JsonElement role) && role.ValueKind == JsonValueKind.String ? CanonicalJson.Decoded(role)
                : "", Content(message)));
        }
        (_bytes, _ends, _messages) = (bytes.WrittenMemory, [.. ends], [.. messages]);
    }

    /// <summary>Of all messages.</summary>
    public UInt128 Key => TextKey.Of(_bytes.Span);

    /// <summary>How many messages both sides begin with; each keeps at least one.</summary>
    public int SharedWith(ParsedSide other)
    {
        int most = Math.Min(_ends.Length, other._ends.Length) - 1, shared = 0;
        while (shared < most && Message(shared).SequenceEqual(other.Message(shared)))
            shared++;
        return shared;
    }

    /// <summary>The texts of the shared messages but the system's.</summary>
    public string TextBefore(int shared) =>
        string.Join('\n', _messages.Take(shared).Where(message => message.Role is not ("system" or "developer")).Select(message => message.Text));

    /// <summary>The assistant's texts behind the shared messages; all texts there where none is the assistant's.</summary>
    public string AnswerBehind(int shared)
    {
        (string Role, string Text)[] own = _messages[shared..];
        string[] answers = [.. own.Where(message => message.Role == "assistant").Select(message => message.Text)];
        return answers.Length switch
        {
            1 => answers[0],
            0 => string.Join('\n', own.Select(message => message.Text)),
            _ => string.Join('\n', answers),
        };
    }

    private static string Content(JsonElement message)
    {
        if (!message.TryGetProperty("content", out JsonElement content))
            return "";
        if (content.ValueKind == JsonValueKind.String)
            return CanonicalJson.Decoded(content);
        if (content.ValueKind != JsonValueKind.Array)
            return "";
        StringBuilder parts = new();
        foreach (JsonElement part in content.EnumerateArray())
        {
            if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out JsonElement text)
                && text.ValueKind == JsonValueKind.String)
            {
                parts.Append(CanonicalJson.Decoded(text));
            }
        }
        return parts.ToString();
    }

    private static JsonDocument Parse(string json, string side)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            throw new InvalidDataException($"the {side} side is no JSON message list, "
                + $"but {(string.IsNullOrWhiteSpace(json) ? "empty" : $"'{Excerpt.Of(json)}'")}");
        }
    }

    private ReadOnlySpan<byte> Message(int index)
    {
        int start = index == 0 ? 0 : _ends[index - 1];
        return _bytes.Span[start.._ends[index]];
    }
}
