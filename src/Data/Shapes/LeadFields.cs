using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>What may stand before any prompt: the system's message, earlier turns and tools in fields of their own.</summary>
internal static class LeadFields
{
    private static readonly string[] SystemNames = ["system", "system_prompt", "system_message"];

    /// <summary>The system's message; null where the row has none.</summary>
    /// <param name="row">The row.</param>
    /// <param name="mapped">The field that the options name; null for the usual names.</param>
    /// <exception cref="PreferenceDataException">The field is no text.</exception>
    public static SourceMessage? TakeSystem(SourceRow row, string? mapped)
    {
        if (mapped is not null)
            row.Require(mapped, nameof(JsonlFileOptions.System));
        string? name = mapped ?? SystemNames.FirstOrDefault(row.Has);
        if (name is null || !row.Has(name))
            return null;
        JsonElement raw = row.Peek(name);
        SourceValue value = row.Take(name);
        if (value.Text is { } text)
            return SourceMessage.Of(MessageRole.System, text);
        return value.Messages is [{ Role: MessageRole.System } message]
            ? message
            : throw row.At.Fault(BadRowReason.WrongType, name, $"'{name}' is '{Excerpt.Of(raw.GetRawText())}'; it must be the system's message, a string.");
    }

    /// <summary>Earlier turns: a message list, or LLaMA-Factory's pairs of what the user and the assistant said.</summary>
    /// <param name="row">The row.</param>
    /// <param name="mapped">The field that the options name; null for the usual name.</param>
    /// <exception cref="PreferenceDataException">The field is no such list.</exception>
    public static IReadOnlyList<SourceMessage> TakeHistory(SourceRow row, string? mapped)
    {
        if (mapped is not null)
            row.Require(mapped, nameof(JsonlFileOptions.History));
        string name = mapped ?? "history";
        if (!row.Has(name))
            return [];
        if (!row.HasList(name))
            throw Wrong(row, name, row.Peek(name));
        JsonElement list = row.TakeStored(name);
        if (list.EnumerateArray().All(SourceMessages.IsMessage))
            return SourceMessages.Read(list, name, row.At);
        var messages = new List<SourceMessage>();
        foreach (JsonElement turn in list.EnumerateArray())
        {
            if (turn.ValueKind != JsonValueKind.Array || turn.GetArrayLength() != 2 || turn.EnumerateArray().Any(said => said.ValueKind != JsonValueKind.String))
                throw Wrong(row, name, turn);
            messages.Add(SourceMessage.Of(MessageRole.User, turn[0].GetString()!));
            messages.Add(SourceMessage.Of(MessageRole.Assistant, turn[1].GetString()!));
        }
        return messages;
    }

    /// <summary>The JSON of the tools; null where the row has none.</summary>
    /// <param name="row">The row.</param>
    /// <param name="mapped">The field that the options name; null for the usual name.</param>
    public static string? TakeTools(SourceRow row, string? mapped)
    {
        if (mapped is not null)
            row.Require(mapped, nameof(JsonlFileOptions.Tools));
        string name = mapped ?? "tools";
        if (!row.Has(name))
            return null;
        JsonElement raw = row.TakeRaw(name);
        // a string is passed on as it is where it is JSON; Python's is rewritten
        return raw.ValueKind == JsonValueKind.String && !IsJson(raw.GetString()!) && StoredText.Find(raw.GetString()!) is { } stored ? stored.GetRawText() : raw.GetRawText();
    }

    private static bool IsJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static PreferenceDataException Wrong(SourceRow row, string name, JsonElement value) =>
        row.At.Fault(BadRowReason.WrongType, name, $"'{name}' has '{Excerpt.Of(value.GetRawText())}'; it must be a list of messages, or of pairs of what the user and the assistant said.");
}
