using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>Writes JSON as bytes that are the same however it was escaped, spaced and ordered, and different where it says something else.</summary>
internal static class CanonicalJson
{
    /// <summary>Appends a value.</summary>
    public static void Write(JsonElement value, ArrayBufferWriter<byte> output)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                JsonProperty[] properties = [.. value.EnumerateObject()];
                Array.Sort(properties, (one, other) => string.CompareOrdinal(one.Name, other.Name));
                Mark(output, '{', properties.Length);
                foreach (JsonProperty property in properties)
                {
                    Text(property.Name, output);
                    Write(property.Value, output);
                }
                break;
            case JsonValueKind.Array:
                Mark(output, '[', value.GetArrayLength());
                foreach (JsonElement item in value.EnumerateArray())
                    Write(item, output);
                break;
            case JsonValueKind.String:
                Text(Decoded(value), output);
                break;
            default:
                string raw = value.GetRawText();
                Mark(output, 'n', raw.Length);
                Bytes(raw, output);
                break;
        }
    }

    /// <summary>A string's text; its raw JSON where it holds half of a surrogate pair, which no string can be made of.</summary>
    public static string Decoded(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText();
        }
    }

    private static void Text(string text, ArrayBufferWriter<byte> output)
    {
        Mark(output, '"', text.Length);
        Bytes(text, output);
    }

    private static void Mark(ArrayBufferWriter<byte> output, char kind, int count)
    {
        Span<byte> mark = output.GetSpan(1 + sizeof(int));
        mark[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(mark[1..], count);
        output.Advance(1 + sizeof(int));
    }

    private static void Bytes(string text, ArrayBufferWriter<byte> output) =>
        output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
}
