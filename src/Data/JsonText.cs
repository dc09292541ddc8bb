using System.Text;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Looks into JSON values that the row reader has found valid, without parsing them again where their bytes tell.</summary>
internal static class JsonText
{
    /// <summary>The text of a string token, quotes included.</summary>
    public static string Decode(ReadOnlySpan<byte> token)
    {
        ReadOnlySpan<byte> inner = token[1..^1];
        if (!inner.Contains((byte)'\\'))
            return Encoding.UTF8.GetString(inner);
        Utf8JsonReader reader = new(token);
        reader.Read();
        return reader.GetString()!;
    }

    /// <summary>Whether a string token holds nothing but white space.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> token)
    {
        foreach (byte b in token[1..^1])
        {
            if (b is >= 0x80 or (byte)'\\')
                return string.IsNullOrWhiteSpace(Decode(token));
            if (b > ' ')
                return false;
        }
        return true;
    }

    /// <summary>Whether two string tokens say the same, however they are escaped. Empty spans stand for absent values.</summary>
    public static bool SameString(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.SequenceEqual(right))
            return true;
        bool mayBeEscaped = left.Contains((byte)'\\') || right.Contains((byte)'\\');
        return mayBeEscaped && !left.IsEmpty && !right.IsEmpty && Decode(left) == Decode(right);
    }

    /// <summary>Whether two values are equal as JSON: white space, escapes and the order of fields do not count.</summary>
    public static bool SameValue(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.SequenceEqual(right))
            return true;
        Utf8JsonReader leftReader = new(left);
        Utf8JsonReader rightReader = new(right);
        return JsonElement.DeepEquals(JsonElement.ParseValue(ref leftReader), JsonElement.ParseValue(ref rightReader));
    }

    /// <summary>A type of value in words, for errors.</summary>
    public static string Describe(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "true or false",
    };
}
