using System.Text.Encodings.Web;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Text as messages quote it: line ends and control characters are visible.</summary>
internal static class QuotedText
{
    private static readonly JsonSerializerOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text in quotes.</summary>
    public static string Of(string text) => JsonSerializer.Serialize(text, s_readable);
}
