using System.Text;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Reads a line's JSON object once, and notes where the known fields stand in it.</summary>
internal sealed class RowReader(RowField[] fields)
{
    /// <summary>Whether the line last read has a string, a list or an object in a field that is not known, or anything in one that may be the row's
    /// weight.</summary>
    public bool FoundOthers { get; private set; }

    /// <summary>Reads a line into the fields.</summary>
    /// <exception cref="PreferenceDataException">The line is not UTF-8, not one JSON object, or a field or message is malformed.</exception>
    public void Read(ReadOnlySpan<byte> line, LineLocation at)
    {
        foreach (RowField field in fields)
            field.Clear();
        CheckText(line, at);
        FoundOthers = false;
        try
        {
            ReadObject(line, at);
        }
        catch (JsonException error)
        {
            throw Invalid(error, line, at);
        }
    }

    /// <summary>Checks that a line is text and holds one JSON object.</summary>
    /// <exception cref="PreferenceDataException">It does not.</exception>
    public static void CheckObject(ReadOnlySpan<byte> line, LineLocation at)
    {
        CheckText(line, at);
        try
        {
            Utf8JsonReader reader = new(line);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw NoObject(reader.TokenType, line, at);
            while (reader.Read())
            {
            }
        }
        catch (JsonException error)
        {
            throw Invalid(error, line, at);
        }
    }

    private static void CheckText(ReadOnlySpan<byte> line, LineLocation at)
    {
        int invalid = Utf8Text.FirstInvalidByte(line);
        if (invalid >= 0)
        {
            bool utf16 = line.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || line.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);
            string remedy = utf16 ? "the file looks like UTF-16; save it as UTF-8" : "save the file as UTF-8";
            throw at.Fault(BadRowReason.NotUtf8, null,
                $"byte 0x{line[invalid]:X2} at offset {invalid} of the line is not UTF-8, after '{Excerpt.Before(line, invalid)}'; {remedy}.");
        }
        int surrogate = Utf8Text.FirstUnpairedSurrogate(line);
        if (surrogate >= 0)
        {
            throw at.Fault(BadRowReason.InvalidJson, null,
                $"the escape {Encoding.UTF8.GetString(line.Slice(surrogate, 6))} at column {Column(line, surrogate)} is half a character; a surrogate "
                + "escape comes in pairs such as \\ud83d\\ude00.");
        }
    }

    private void ReadObject(ReadOnlySpan<byte> line, LineLocation at)
    {
        Utf8JsonReader reader = new(line);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw NoObject(reader.TokenType, line, at);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            RowField? field = Find(ref reader);
            FoundOthers |= field is null && MayBeWeight(ref reader);
            reader.Read();
            if (field is null)
                Pass(ref reader);
            else
                ReadField(ref reader, field, line, at);
        }
        reader.Read();
    }

    private void Pass(ref Utf8JsonReader reader)
    {
        FoundOthers |= reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject
            || (reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty);
        reader.Skip();
    }

    // Any other number says nothing that is lost.
    private static bool MayBeWeight(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped || reader.ValueSpan.IndexOf("eight"u8) >= 0 || reader.ValueSpan.IndexOf("EIGHT"u8) >= 0;

    private RowField? Find(ref Utf8JsonReader reader)
    {
        foreach (RowField field in fields)
        {
            if (reader.ValueTextEquals(field.Utf8Name))
                return field;
        }
        return null;
    }

    private static void ReadField(ref Utf8JsonReader reader, RowField field, ReadOnlySpan<byte> line, LineLocation at)
    {
        if (field.IsNamed)
            throw at.Fault(BadRowReason.RepeatedField, field.Name, $"'{field.Name}' occurs twice; keep the one that is meant.");
        field.IsNamed = true;
        int start = (int)reader.TokenStartIndex;
        JsonTokenType type = reader.TokenType;
        field.Kind = type switch
        {
            JsonTokenType.Null => FieldKind.Absent,
            JsonTokenType.String when field.Shape != FieldShape.Messages => FieldKind.Text,
            JsonTokenType.StartArray when field.Shape != FieldShape.Any => FieldKind.Messages,
            _ => FieldKind.Other,
        };
        if (field.Kind == FieldKind.Other && field.Shape != FieldShape.Any)
        {
            string right = field.Shape == FieldShape.Messages ? "a list of messages" : "a list of messages or a string";
            reader.Skip();
            throw at.Fault(BadRowReason.WrongType, field.Name,
                $"'{field.Name}' is {JsonText.Describe(type)}, '{Excerpt.Of(line[start..(int)reader.BytesConsumed])}'; it must be {right}.");
        }
        if (field.Kind == FieldKind.Messages)
            MessageListReader.Read(ref reader, field, line, at);
        else
            reader.Skip();
        field.Json = start..(int)reader.BytesConsumed;
    }

    private static PreferenceDataException NoObject(JsonTokenType type, ReadOnlySpan<byte> line, LineLocation at) =>
        at.Fault(BadRowReason.WrongType, null, $"the line holds {JsonText.Describe(type)}, '{Excerpt.Of(line)}'; a line holds one JSON object.");

    private static PreferenceDataException Invalid(JsonException error, ReadOnlySpan<byte> line, LineLocation at)
    {
        int offset = (int)Math.Min(error.BytePositionInLine ?? 0, line.Length);
        return at.Fault(BadRowReason.InvalidJson, null,
            $"invalid JSON at column {Column(line, offset)}, near '{Excerpt.Around(line, offset)}': {Brief(error)} {Remedy(error, line, offset)}", error);
    }

    // What other programs write that is nearly JSON.
    private static string Remedy(JsonException error, ReadOnlySpan<byte> line, int offset) =>
        error.Message.Contains("trailing comma", StringComparison.Ordinal) ? "Take the comma out that stands before the closing bracket." :
        line[offset..] is [(byte)'\'', ..] ? "That is how Python's str() writes; write rows by json.dumps, one to a line."
        : line[offset..].StartsWith("NaN"u8) || line[offset..].StartsWith("Infinity"u8) || line[offset..].StartsWith("nfinity"u8)
            ? "JSON has no such number; write null instead."
        : "A line holds one whole JSON object.";

    private static int Column(ReadOnlySpan<byte> line, int offset) => Encoding.UTF8.GetCharCount(line[..offset]) + 1;

    // The reader's own words on one line, without the position that it appends.
    private static string Brief(JsonException error)
    {
        int position = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        string text = (position < 0 ? error.Message : error.Message[..position])
            .Replace(" in this mode. Change the reader options.", ".", StringComparison.Ordinal);
        return string.Concat(text.Select(character => char.IsControl(character) ? $"\\u{(int)character:x4}" : $"{character}"));
    }
}
