using System.Text;

namespace MiniMind.MLNet.Dpo.Bench.ServeSoak;

/// <summary>Asks, and looks at what comes.</summary>
internal sealed class SoakUser(HttpClient http)
{
    private static readonly TimeSpan s_impatience = TimeSpan.FromMilliseconds(15);

    /// <summary>Asks one request.</summary>
    /// <returns>What was wrong; <see langword="null"/> for nothing.</returns>
    public async Task<string?> AskAsync(SoakRequest request)
    {
        using HttpRequestMessage message = new(request.Body is null ? HttpMethod.Get : HttpMethod.Post, request.Path);
        if (request.Body is not null)
            message.Content = new StringContent(request.Body, Encoding.UTF8, "application/json");
        using CancellationTokenSource leaving = new();
        if (request.LeavesAfter == 0)
            leaving.CancelAfter(s_impatience);
        try
        {
            using HttpResponseMessage response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, leaving.Token);
            if (response.StatusCode != request.Right)
                return $"{(int)response.StatusCode} in place of {(int)request.Right}: {await response.Content.ReadAsStringAsync()}";
            if (request.LeavesAfter is { } bytes)
            {
                Stream stream = await response.Content.ReadAsStreamAsync(leaving.Token);
                await stream.ReadAtLeastAsync(new byte[Math.Max(bytes, 1)], bytes, throwOnEndOfStream: false, leaving.Token);
                return null;
            }
            string body = await response.Content.ReadAsStringAsync();
            bool isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
            return body.Contains("\"error\"", StringComparison.Ordinal) && response.IsSuccessStatusCode ? $"an error: {body}"
                : isStream && !body.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal) ? $"no end: {body}" : null;
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            return null;
        }
    }
}
