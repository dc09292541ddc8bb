using System.Text.Encodings.Web;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Reads texts and small sections of tokenizer.json, none longer than any sane file has them.</summary>
internal static class TokenizerText
{
    /// <summary>The file's name.</summary>
    public const string FileName = "tokenizer.json";

    /// <summary>The most bytes of one section beside the model.</summary>
    public const int MaxSectionBytes = 4 << 20;

    private const int MaxTextBytes = 64 << 10;

    /// <summary>Writes text as a person would, so that errors show it as it stands in the file.</summary>
    public static readonly JavaScriptEncoder Readable = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>A value that is small in every sane file, at which the reader stands.</summary>
    public static JsonDocument ReadSmall(ref Utf8JsonReader reader, string path)
    {
        Utf8JsonReader ahead = reader;
        ahead.Skip();
        long length = ahead.BytesConsumed - reader.TokenStartIndex;
        return length <= MaxSectionBytes
            ? JsonDocument.ParseValue(ref reader)
            : throw new InvalidDataException($"{FileName}: {path} has {length} bytes; at most {MaxSectionBytes} are read.");
    }

    /// <summary>The name or text that the reader stands at, which no sane file has longer than a token can be.</summary>
    public static string Read(ref Utf8JsonReader reader, string path) => reader.ValueSpan.Length <= MaxTextBytes
        ? reader.GetString()!
        : throw new InvalidDataException($"{FileName}: {path} has a text of {reader.ValueSpan.Length} bytes; at most {MaxTextBytes} are read.");
}
