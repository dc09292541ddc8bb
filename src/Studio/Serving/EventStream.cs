using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>Server-sent events, each one sent as soon as it is written.</summary>
/// <remarks>JSON has no line breaks of its own, so that an event is one line of data.</remarks>
internal sealed class EventStream(HttpResponse response)
{
    /// <summary>Sends the headers with the first event.</summary>
    public void Begin()
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache, no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // for proxies that would collect it
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>Sends one event.</summary>
    public Task SendAsync<T>(T value, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        SendAsync(""u8, JsonSerializer.SerializeToUtf8Bytes(value, type), cancellation);

    /// <summary>Sends the event that says that the answer is whole.</summary>
    public Task EndAsync(CancellationToken cancellation) => SendAsync(""u8, "[DONE]"u8, cancellation);

    /// <summary>Sends the event that says why the answer is not whole.</summary>
    public Task FailAsync(ApiError error, CancellationToken cancellation) =>
        SendAsync("event: error\n"u8, JsonSerializer.SerializeToUtf8Bytes(new ErrorBody(error), AnswerJson.Plain.ErrorBody), cancellation);

    private Task SendAsync(ReadOnlySpan<byte> before, ReadOnlySpan<byte> data, CancellationToken cancellation)
    {
        byte[] line = [.. before, .. "data: "u8, .. data, .. "\n\n"u8];
        async Task Send()
        {
            await response.Body.WriteAsync(line, cancellation).ConfigureAwait(false);
            await response.Body.FlushAsync(cancellation).ConfigureAwait(false);
        }
        return Send();
    }
}
