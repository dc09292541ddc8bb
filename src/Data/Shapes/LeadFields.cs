using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>What may stand before any prompt: the system's message, earlier turns and tools in fields of their own.</summary>
internal static class LeadFields
{
    private static readonly string[] s_systemNames = ["system", "system_prompt", "system_message"];

    /// <summary>The messages that stand before the prompt: the system's and earlier turns.</summary>
    /// <param name="row">The row.</param>
    /// <param name="options">Which fields have them.</param>
    /// <param name="takesHistory">Whether there may be earlier turns.</param>
    /// <exception cref="PreferenceDataException">A field is of another form, or they contradict each other.</exception>
    public static List<SourceMessage> TakeLead(SourceRow row, JsonlFileOptions options, bool takesHistory = true)
    {
        IReadOnlyList<SourceMessage> history = takesHistory ? TakeHistory(row, options.History) : [];
        return TakeSystem(row, options.System) is { } system ? Before([system], history, row.At) : [.. history];
    }

    /// <summary>Puts messages before others, unless these begin with them already; a system's message stands once, and first.</summary>
    /// <exception cref="PreferenceDataException">The others begin with a system's message that is another, or not the first.</exception>
    public static List<SourceMessage> Before(IReadOnlyList<SourceMessage> lead, IReadOnlyList<SourceMessage> messages, LineLocation at)
    {
        if (lead.Count <= messages.Count
            && lead.Zip(messages).All(pair => pair.First.Role == pair.Second.Role && pair.First.Text is { } text && text == pair.Second.Text))
        {
            return [.. messages];
        }

        if (lead.Count == 0 || messages is not [{ Role: MessageRole.System } own, ..])
            return [.. lead, .. messages];
        return lead[0] is { Role: MessageRole.System } system && system.Text == own.Text && lead.Count == 1
            ? [.. messages]
            : throw at.Fault(BadRowReason.RepeatedField, "system",
                $"the row gives messages that stand before the conversation, '{Excerpt.Of(lead[0].Text ?? "")}', and the conversation begins with the "
                + $"system's message '{Excerpt.Of(own.Text ?? "")}'; keep the one that is meant.");
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
        return raw.ValueKind == JsonValueKind.String && !IsJson(raw.GetString()!) && StoredText.Find(raw.GetString()!) is { } stored
            ? stored.GetRawText()
            : raw.GetRawText();
    }

    private static SourceMessage? TakeSystem(SourceRow row, string? mapped)
    {
        if (mapped is not null)
            row.Require(mapped, nameof(JsonlFileOptions.System));
        string? name = mapped ?? s_systemNames.FirstOrDefault(row.Has);
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

    // A message list, or LLaMA-Factory's pairs of what the user and the assistant said.
    private static IReadOnlyList<SourceMessage> TakeHistory(SourceRow row, string? mapped)
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
        List<SourceMessage> messages = new();
        foreach (JsonElement turn in list.EnumerateArray())
        {
            if (turn.ValueKind != JsonValueKind.Array || turn.GetArrayLength() != 2
                || turn.EnumerateArray().Any(said => said.ValueKind != JsonValueKind.String))
            {
                throw Wrong(row, name, turn);
            }

            messages.Add(SourceMessage.Of(MessageRole.User, turn[0].GetString()!));
            messages.Add(SourceMessage.Of(MessageRole.Assistant, turn[1].GetString()!));
        }
        return messages;
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
        row.At.Fault(BadRowReason.WrongType, name,
            $"'{name}' has '{Excerpt.Of(value.GetRawText())}'; it must be a list of messages, or of pairs of what the user and the assistant said.");
}
