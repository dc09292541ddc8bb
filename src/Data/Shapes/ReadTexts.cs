using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Collects the texts that were read of a row, to know repetitions of them.</summary>
internal static class ReadTexts
{
    /// <summary>The texts of messages and of the fields that were read, trimmed.</summary>
    public static HashSet<string> Of(SourceRow row, IEnumerable<SourceValue> values)
    {
        HashSet<string> texts = new(StringComparer.Ordinal);
        foreach (SourceValue value in values)
        {
            if (value.Text is { } text)
                texts.Add(text.Trim());
            foreach (SourceMessage message in value.Messages ?? [])
                texts.Add((message.Text ?? "").Trim());
        }
        foreach (JsonElement field in row.Taken)
            Add(field, texts);
        return texts;
    }

    private static void Add(JsonElement value, HashSet<string> texts)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            texts.Add(value.GetString()!.Trim());
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in value.EnumerateArray())
                Add(item, texts);
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in value.EnumerateObject())
                Add(property.Value, texts);
        }
    }
}
