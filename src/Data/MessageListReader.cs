using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Reads a message list: each message's place in the line, its role, and whether it says anything.</summary>
internal static class MessageListReader
{
    private const string Example = """{"role": "user", "content": "..."}""";

    // What OpenAI's files, axolotl and ms-swift have in a message to say whether it is trained on.
    private static readonly string[] s_trainingKeys = ["weight", "train", "training", "loss"];

    /// <summary>Reads from the list's opening bracket to its closing one into <see cref="RowField.Messages"/>.</summary>
    /// <exception cref="PreferenceDataException">The list is empty, or a message is malformed.</exception>
    /// <exception cref="JsonException">The line is not JSON.</exception>
    public static void Read(ref Utf8JsonReader reader, RowField field, ReadOnlySpan<byte> line, LineLocation at)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw at.Fault(BadRowReason.WrongType, NameOf(field),
                    $"'{NameOf(field)}' is {JsonText.Describe(reader.TokenType)}; a message is an object such as {Example}.");
            }

            field.Messages.Add(ReadMessage(ref reader, field, line, at));
        }
        if (field.Messages.Count == 0)
            throw at.Fault(BadRowReason.MissingField, field.Name, $"'{field.Name}' is an empty list; it needs messages such as {Example}.");
    }

    private static MessageSlice ReadMessage(ref Utf8JsonReader reader, RowField field, ReadOnlySpan<byte> line, LineLocation at)
    {
        int start = (int)reader.TokenStartIndex;
        MessageRole? role = null;
        Range content = default;
        bool namesContent = false, namesTools = false, hasSubstance = false;
        string? leftOut = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("role"u8))
            {
                role = role is null ? ReadRole(ref reader, field, line, at) : throw Twice("role", field, at);
            }
            else if (reader.ValueTextEquals("content"u8))
            {
                content = namesContent ? throw Twice("content", field, at) : ReadContent(ref reader, field, at);
                namesContent = true;
                hasSubstance |= !content.Equals(default) && !JsonText.IsBlank(line[content]);
            }
            else if (reader.ValueTextEquals("tool_calls"u8) || reader.ValueTextEquals("function_call"u8) || reader.ValueTextEquals("reasoning_content"u8))
            {
                hasSubstance |= ReadsSomething(ref reader, line);
            }
            else if (TrainingKey(ref reader) is { } key)
            {
                reader.Read();
                leftOut = IsTrainedOn(ref reader) ? leftOut : key;
                reader.Skip();
            }
            else
            {
                namesTools |= reader.ValueTextEquals("tools"u8);
                reader.Read();
                reader.Skip();
            }
        }

        if (role is null)
            throw at.Fault(BadRowReason.MissingField, NameOf(field, "role"), $"'{NameOf(field)}' has no 'role'; a message is an object such as {Example}.");
        if (leftOut is not null && role == MessageRole.Assistant)
        {
            throw at.Fault(BadRowReason.UnreadField, NameOf(field, leftOut),
                $"'{NameOf(field, leftOut)}' says that this answer counts less than others or not at all, and it would be trained on like "
                + "any; take the key out, and where only the last answer is to count, say so by the option CountedAnswers of the mask.");
        }

        if (content.Equals(default) && !hasSubstance)
        {
            BadRowReason reason = role == MessageRole.Assistant ? BadRowReason.EmptyAnswer : BadRowReason.MissingField;
            string what = namesContent ? "is null" : "is absent";
            string remedy = role == MessageRole.Assistant ? "an assistant's message needs text or 'tool_calls'" : "it must be a string";
            throw at.Fault(reason, NameOf(field, "content"), $"'{NameOf(field, "content")}' {what}; {remedy}.");
        }
        return new MessageSlice
        {
            Json = start..(int)reader.BytesConsumed,
            Content = content,
            Role = role.Value,
            HasSubstance = hasSubstance,
            NamesTools = namesTools,
        };
    }

    private static string? TrainingKey(ref Utf8JsonReader reader)
    {
        foreach (string key in s_trainingKeys)
        {
            if (reader.ValueTextEquals(key))
                return key;
        }
        return null;
    }

    // Null, true and 1 say what is done anyway.
    private static bool IsTrainedOn(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.False => false,
        JsonTokenType.Number => reader.GetDouble() == 1,
        _ => true,
    };

    private static MessageRole ReadRole(ref Utf8JsonReader reader, RowField field, ReadOnlySpan<byte> line, LineLocation at)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && MessageRoles.Read(ref reader) is { } role)
            return role;
        string name = NameOf(field, "role"), roles = string.Join(", ", MessageRoles.Names);
        throw reader.TokenType == JsonTokenType.String
            ? at.Fault(BadRowReason.UnknownRole, name, $"'{name}' is '{Excerpt.Of(JsonText.Decode(line[TokenRange(ref reader)]))}'; it must be one of {roles}.")
            : at.Fault(BadRowReason.WrongType, name, $"'{name}' is {JsonText.Describe(reader.TokenType)}; it must be a string, one of {roles}.");
    }

    // The string token's range; the default range for null.
    private static Range ReadContent(ref Utf8JsonReader reader, RowField field, LineLocation at)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return default;
        if (reader.TokenType == JsonTokenType.String)
            return TokenRange(ref reader);
        string name = NameOf(field, "content");
        string remedy = reader.TokenType == JsonTokenType.StartArray ? "it must be a string, or a list of text parts" : "it must be a string";
        throw at.Fault(BadRowReason.WrongType, name, $"'{name}' is {JsonText.Describe(reader.TokenType)}; {remedy}.");
    }

    private static bool ReadsSomething(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return !JsonText.IsBlank(line[TokenRange(ref reader)]);
            case JsonTokenType.StartArray or JsonTokenType.StartObject:
                Utf8JsonReader first = reader;
                first.Read();
                reader.Skip();
                return first.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject);
            default:
                return reader.TokenType is JsonTokenType.Number or JsonTokenType.True;
        }
    }

    private static Range TokenRange(ref Utf8JsonReader reader) => (int)reader.TokenStartIndex..(int)reader.BytesConsumed;

    private static string NameOf(RowField field) => $"{field.Name}[{field.Messages.Count}]";

    private static string NameOf(RowField field, string key) => $"{field.Name}[{field.Messages.Count}].{key}";

    private static PreferenceDataException Twice(string key, RowField field, LineLocation at) =>
        at.Fault(BadRowReason.RepeatedField, NameOf(field, key), $"'{NameOf(field)}' has '{key}' twice; keep the one that is meant.");
}
