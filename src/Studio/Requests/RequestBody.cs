using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>Reads a request's JSON, within bounds.</summary>
internal static class RequestBody
{
    /// <summary>How deep objects and lists may be nested: schemas of tools are the deepest that there is.</summary>
    public const int MaxDepth = 64;

    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads the body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="mostBytes">The most bytes of it.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The document, which the caller disposes.</returns>
    /// <exception cref="ApiException">It is too long, no JSON, or not said to be JSON.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpRequest request, int mostBytes, CancellationToken cancellation)
    {
        RequireJson(request);
        if (request.ContentLength > mostBytes)
            throw TooLong(mostBytes);
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = 6L * mostBytes + 1024; // it counts the frames of chunks too, which may have a byte each; what is taken is counted here
        byte[] body = await BytesAsync(request, mostBytes, cancellation).ConfigureAwait(false);
        return Parse(body);
    }

    /// <summary>Parses a body.</summary>
    /// <param name="body">JSON in UTF-8.</param>
    /// <returns>The document, all of whose strings are whole; the caller disposes it.</returns>
    /// <exception cref="ApiException">It is no JSON.</exception>
    public static JsonDocument Parse(byte[] body)
    {
        if (body.Length == 0)
            throw Faults.Unreadable("The body is empty; it must be a JSON object.");
        if (!Utf8.IsValid(body))
            throw Faults.Unreadable("The body is no valid UTF-8.");
        try
        {
            JsonDocument document = JsonDocument.Parse(body, s_json);
            if (RequestText.FirstBroken(body) is not { } place)
                return document;
            document.Dispose();
            throw Broken(place);
        }
        catch (JsonException fault)
        {
            throw Faults.Unreadable(
                $"The body is no JSON that can be read, at line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}: {Reason(fault)}");
        }
        catch (InvalidOperationException)
        {
            throw Broken(RequestText.FirstBroken(body) ?? 1); // names are compared while it is parsed
        }
    }

    private static ApiException Broken(long place) =>
        Faults.Unreadable($"The text at byte {place} of the body has half of a surrogate pair, which is no character.", code: "invalid_string");

    // what the parser says, without the place that it adds; it may quote one character of the body
    private static string Reason(JsonException fault)
    {
        int place = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return place < 0 ? fault.Message : fault.Message[..place];
    }

    private static void RequireJson(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw Faults.Unreadable("The body must be JSON: send it with 'Content-Type: application/json'.", 415, "unsupported_media_type");
        }
        if (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            && !type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase))
        {
            throw Faults.Unreadable($"The body must be UTF-8, not '{Faults.Shortened(type.Charset.ToString())}'.", 415, "unsupported_media_type");
        }
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw Faults.Unreadable("The body must come as it is, without 'Content-Encoding'.", 415, "unsupported_media_type");
    }

    private static async Task<byte[]> BytesAsync(HttpRequest request, int mostBytes, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            using MemoryStream body = new();
            while (true)
            {
                int read = await request.Body.ReadAsync(buffer, cancellation).ConfigureAwait(false);
                if (read == 0)
                    return body.ToArray();
                if (body.Length + read > mostBytes)
                    throw TooLong(mostBytes);
                body.Write(buffer, 0, read);
            }
        }
        catch (BadHttpRequestException fault)
        {
            throw fault.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? TooLong(mostBytes)
                : Faults.Unreadable("The body ended before its end, or is malformed.", fault.StatusCode, "invalid_body");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true); // it held what someone wrote
        }
    }

    private static ApiException TooLong(int mostBytes) =>
        Faults.Unreadable($"The body is longer than {mostBytes} bytes, which is the most here.", 413, "request_too_large");
}
