using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>What a field says: a text, or messages, or something that the row reader is to refuse.</summary>
/// <param name="Text">The text, where it is one.</param>
/// <param name="Messages">The messages, where it has such.</param>
/// <param name="Json">The value's JSON for the row reader.</param>
internal sealed record SourceValue(string? Text, IReadOnlyList<SourceMessage>? Messages, string Json)
{
    /// <summary>Whether it begins with a message that speaks to the model, and so is a whole conversation.</summary>
    public bool IsWhole => Messages is [{ Role: { } role }, ..] && role.IsPrompting();

    /// <summary>A text.</summary>
    public static SourceValue Of(string text) => new(text, null, JsonString.Of(text));

    /// <summary>Messages.</summary>
    public static SourceValue Of(IReadOnlyList<SourceMessage> messages) =>
        new(null, messages, $"[{string.Join(',', messages.Select(message => message.Json))}]");

    /// <summary>Reads a field's value: a string, a message list, one message, or a string that holds one of these.</summary>
    /// <param name="value">The value.</param>
    /// <param name="name">The field, for errors.</param>
    /// <param name="at">The line's place.</param>
    /// <exception cref="PreferenceDataException">A message or a stored list contradicts itself.</exception>
    public static SourceValue Read(JsonElement value, string name, LineLocation at) => value.ValueKind switch
    {
        JsonValueKind.String => StoredText.FindMessages(value.GetString()!, name, at) is { } stored
            ? Read(stored, name, at)
            : new SourceValue(value.GetString()!, null, value.GetRawText()),
        JsonValueKind.Array when value.GetArrayLength() > 0 => Of(SourceMessages.Read(value, name, at)),
        JsonValueKind.Object when SourceMessages.IsMessage(value) => Of([SourceMessages.ReadOne(value, name, at)]),
        JsonValueKind.Object when OnlyMessages(value) is { } messages => Read(messages, $"{name}.messages", at),
        _ => new SourceValue(null, null, value.GetRawText()),
    };

    private static JsonElement? OnlyMessages(JsonElement value) =>
        value.EnumerateObject().Count() == 1 && value.TryGetProperty("messages", out JsonElement messages) ? messages : null;
}
