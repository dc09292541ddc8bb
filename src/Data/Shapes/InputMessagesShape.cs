using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>OpenAI's rows: <c>input</c> is an object with <c>messages</c> and perhaps <c>tools</c>.</summary>
internal sealed class InputMessagesShape : PromptShape
{
    private const string Input = "input";

    /// <inheritdoc/>
    public override string Name => $"the prompt in '{Input}.messages'";

    /// <inheritdoc/>
    public override bool Matches(SourceRow row) =>
        row.Has(Input) && row.Peek(Input) is { ValueKind: JsonValueKind.Object } input && input.TryGetProperty("messages", out _);

    /// <inheritdoc/>
    public override void Read(SourceRow row, PairDraft draft)
    {
        foreach (JsonProperty property in row.TakeStored(Input).EnumerateObject())
        {
            if (property.Name == "messages")
            {
                draft.Prompt = SourceValue.Read(property.Value, $"{Input}.messages", row.At);
            }
            else if (property.Name == "tools")
            {
                draft.ToolsJson = SourceRow.IsFilled(property.Value) ? property.Value.GetRawText() : null;
            }
            else if (property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Object && SourceRow.IsFilled(property.Value))
            {
                throw row.At.Fault(BadRowReason.UnreadField, $"{Input}.{property.Name}",
                    $"'{Input}.{Excerpt.Of(property.Name)}' would be left out; '{Input}' has 'messages' and 'tools'.");
            }
        }
    }
}
