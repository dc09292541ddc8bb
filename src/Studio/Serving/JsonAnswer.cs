using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>An answer of one JSON object.</summary>
internal static class JsonAnswer
{
    public static async Task SendAsync<T>(HttpResponse response, int status, T value, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellation).ConfigureAwait(false);
    }
}
