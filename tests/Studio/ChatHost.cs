using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>An app with the endpoints, at a free port of this machine.</summary>
internal sealed class ChatHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ChatHost(WebApplication app, RecordedLog log)
    {
        (_app, Log) = (app, log);
        Address = new Uri(app.Urls.Single());
        Http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public RecordedLog Log { get; }

    public IReadOnlyList<string> Models { get; private init; } = [];

    public static Task<ChatHost> StartAsync(IChatClient client, ChatEndpointOptions? options = null) =>
        StartAsync(new Dictionary<string, IChatClient> { ["tiny"] = client }, options);

    public static Task<ChatHost> StartAsync(IReadOnlyDictionary<string, IChatClient> models, ChatEndpointOptions? options = null) =>
        StartAsync(app => app.MapMiniMindChat(models, options), models: [.. models.Keys]);

    public static async Task<ChatHost> StartAsync(
        Action<WebApplication> map, Action<WebApplicationBuilder>? build = null, IReadOnlyList<string>? models = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        RecordedLog log = new();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        build?.Invoke(builder);
        WebApplication app = builder.Build();
        app.UseRouting();
        map(app);
        await app.StartAsync();
        return new ChatHost(app, log) { Models = models ?? [] };
    }

    /// <summary>Asks for an answer in a conversation, with a body of raw JSON.</summary>
    public Task<HttpResponseMessage> ChatAsync(string json) => PostAsync("/v1/chat/completions", json);

    public Task<HttpResponseMessage> PostAsync(string path, string json) => Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>The answer's JSON; it must have succeeded.</summary>
    public async Task<JsonElement> AnswerAsync(string json, string path = "/v1/chat/completions")
    {
        using HttpResponseMessage response = await PostAsync(path, json);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        response.StatusCode.Should().Be(HttpStatusCode.OK, answer.ToString());
        return answer;
    }

    /// <summary>The error of a response.</summary>
    public static async Task<JsonElement> ErrorAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        string body = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(status, body);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        return JsonDocument.Parse(body).RootElement.GetProperty("error");
    }

    /// <summary>A stream's text, and whether it came to its end rather than being cut off.</summary>
    public async Task<(string Body, bool IsWhole)> StreamAsync(string json)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions");
        request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using MemoryStream body = new();
        try
        {
            await response.Content.CopyToAsync(body);
            return (Encoding.UTF8.GetString(body.ToArray()), true);
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException)
        {
            return (Encoding.UTF8.GetString(body.ToArray()), false);
        }
    }

    /// <summary>The data of all events of a stream.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync(string json, string path = "/v1/chat/completions")
    {
        using HttpResponseMessage response = await PostAsync(path, json);
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        string[] events = (await response.Content.ReadAsStringAsync()).Split("\n\n");
        events[^1].Should().BeEmpty("a stream ends behind an event");
        return [.. events[..^1].Select(each => each[(each.IndexOf("data: ", StringComparison.Ordinal) + 6)..])];
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
