using System.Text.Encodings.Web;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Writes JSON strings.</summary>
internal static class JsonString
{
    /// <summary>The string token of a text, quotes included.</summary>
    public static string Of(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";
}
