using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates;

/// <summary>Reads JSON into the values that templates work with, as Python's <c>json.loads</c> would.</summary>
/// <remarks>Integers of any size stay exact, of equal keys the last value counts.</remarks>
public static class JsonValues
{
    private const int MaxDepth = 128;
    private const int LongestNumber = RenderLimits.IntegerBits / 4;

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // what most messages have, so that it is one string for all of them
    private static readonly string[] s_commonTexts =
    [
        "role", "content", "user", "assistant", "system", "tool", "name", "type", "text", "function", "arguments", "tool_calls",
        "reasoning_content", "parameters", "description", "properties", "id", "required", "string", "object",
    ];

    private static readonly byte[][] s_commonBytes = Array.ConvertAll(s_commonTexts, Encoding.ASCII.GetBytes);

    /// <summary>The array in a JSON text; <paramref name="what"/> is what errors call it.</summary>
    /// <exception cref="TemplateException">The text is not valid JSON, or no array.</exception>
    public static JinjaList ParseArray(string json, string what) => Parse(json, what) as JinjaList
        ?? throw new TemplateException($"{what} are not a JSON array");

    /// <summary>The value in a JSON text; <paramref name="what"/> is what errors call it.</summary>
    /// <exception cref="TemplateException">The text is not valid JSON.</exception>
    public static object? Parse(string json, string what)
    {
        try
        {
            Utf8JsonReader reader = new(s_strictUtf8.GetBytes(json), new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            object? value = Read(ref reader, what);
            reader.Read();
            return value;
        }
        catch (JsonException error)
        {
            string place = $"line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}";
            throw new TemplateException($"{what}: not valid JSON at {place}: {error.Message}", inner: error);
        }
        catch (EncoderFallbackException error)
        {
            throw new TemplateException($"{what}: half of a surrogate pair at index {error.Index}", inner: error);
        }
    }

    private static object? Read(ref Utf8JsonReader reader, string what)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return Text(ref reader, what);
            case JsonTokenType.Number:
                return Number(ref reader, what);
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            case JsonTokenType.StartArray:
                return ReadArray(ref reader, what);
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, what);
            default:
                return null;
        }
    }

    private static JinjaList ReadArray(ref Utf8JsonReader reader, string what)
    {
        List<object?> items = new();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(Read(ref reader, what));
        return new JinjaList([.. items]);
    }

    private static JinjaDict ReadObject(ref Utf8JsonReader reader, string what)
    {
        JinjaDict dict = new();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string key = Text(ref reader, what);
            reader.Read();
            dict.Set(key, Read(ref reader, what));
        }
        return dict;
    }

    private static string Text(ref Utf8JsonReader reader, string what)
    {
        if (!reader.ValueIsEscaped && reader.ValueSpan.Length <= "reasoning_content".Length)
        {
            for (int i = 0; i < s_commonBytes.Length; i++)
            {
                if (reader.ValueSpan.SequenceEqual(s_commonBytes[i]))
                    return s_commonTexts[i];
            }
        }
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new TemplateException($"{what}: a text at byte {reader.TokenStartIndex} has half of a surrogate pair", inner: error);
        }
    }

    private static object Number(ref Utf8JsonReader reader, string what)
    {
        if (reader.TryGetInt64(out long integer))
            return integer;
        ReadOnlySpan<byte> digits = reader.ValueSpan;
        if (digits.IndexOfAny("eE."u8) >= 0)
            return double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        return digits.Length <= LongestNumber
            ? PythonNumber.Normalize(BigInteger.Parse(Encoding.ASCII.GetString(digits), CultureInfo.InvariantCulture))
            : throw new TemplateException($"{what}: an integer of {digits.Length} digits at byte {reader.TokenStartIndex}; the most is {LongestNumber}");
    }
}
