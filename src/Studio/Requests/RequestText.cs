using System.Text.Json;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>Strings of JSON may spell halves of characters, which are no text: what reads them fails.</summary>
internal static class RequestText
{
    /// <summary>Finds the first string or name that has a half of a surrogate pair.</summary>
    /// <param name="json">JSON in UTF-8, which was parsed.</param>
    /// <returns>Its first byte, from 1; <see langword="null"/> where all are whole.</returns>
    public static long? FirstBroken(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = RequestBody.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || !reader.ValueIsEscaped)
                continue;
            try
            {
                _ = reader.GetString();
            }
            catch (InvalidOperationException)
            {
                return reader.TokenStartIndex + 1;
            }
        }
        return null;
    }
}
