using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tokenization.Sources;

/// <summary>Parts of a tokenizer.json that is made from other files.</summary>
internal static class ConvertedSections
{
    /// <summary>Writes an added token.</summary>
    public static void AddedToken(Utf8JsonWriter writer, int id, string content, bool special, bool normalized)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", id);
        writer.WriteString("content", content);
        writer.WriteBoolean("single_word", false);
        writer.WriteBoolean("lstrip", false);
        writer.WriteBoolean("rstrip", false);
        writer.WriteBoolean("normalized", normalized);
        writer.WriteBoolean("special", special);
        writer.WriteEndObject();
    }

    /// <summary>Writes a property whose value is given as JSON.</summary>
    public static void WriteRaw(this Utf8JsonWriter writer, string name, string json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json);
    }
}
