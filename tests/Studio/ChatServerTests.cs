using System.Net;
using System.Text;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>A server without an app around it.</summary>
public sealed class ChatServerTests
{
    private static readonly ChatServerOptions s_free = new() { Urls = ["http://127.0.0.1:0"] };

    [Fact]
    public async Task Start_AtAFreePort_AnswersThere()
    {
        await using ChatServer server = await ChatServer.StartAsync(Models(), s_free);
        using HttpClient http = new();

        (await http.GetStringAsync(new Uri(server.Addresses.Single(), "/v1/models"))).Should().Contain("\"tiny\"");
        using HttpResponseMessage none = await http.GetAsync(new Uri(server.Addresses.Single(), "/"));
        none.StatusCode.Should().Be(HttpStatusCode.NotFound);
        none.Headers.Server.Should().BeEmpty();
    }

    [Fact]
    public async Task Start_AtAPortInUse_SaysSo()
    {
        await using ChatServer first = await ChatServer.StartAsync(Models(), s_free);

        Func<Task> start = () => ChatServer.StartAsync(Models(), s_free with { Urls = [first.Addresses.Single().ToString().TrimEnd('/')] });

        await start.Should().ThrowAsync<IOException>().WithMessage("*address already in use*");
    }

    [Fact]
    public async Task Run_AskedToEnd_EndsStreamsAndListensNoMore()
    {
        ScriptedClient client = new(new TextContent("x"))
        {
            Before = (place, cancellation) => place == 1 ? Task.Delay(Timeout.Infinite, cancellation) : Task.CompletedTask,
        };
        await using ChatServer server = await ChatServer.StartAsync(new Dictionary<string, IChatClient> { ["tiny"] = client }, s_free);
        using CancellationTokenSource stop = new();
        using HttpClient http = new();
        Uri address = new(server.Addresses.Single(), "/v1/chat/completions");
        Task running = server.RunAsync(stop.Token);
        using HttpRequestMessage request = new(HttpMethod.Post, address)
        {
            Content = new StringContent(
                """{"model":"tiny","stream":true,"messages":[{"role":"user","content":"Hello?"}]}""", Encoding.UTF8, "application/json"),
        };
        using HttpResponseMessage stream = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead); // it has begun

        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(10));

        Func<Task> read = () => stream.Content.ReadAsStringAsync();
        await read.Should().ThrowAsync<HttpRequestException>("its end was not told as one");
        await http.Invoking(later => later.GetAsync(address)).Should().ThrowAsync<HttpRequestException>();
        client.Running.Should().Be(0);
    }

    [Theory]
    [InlineData("https://example.com", true)]
    [InlineData("https://evil.example", false)]
    public async Task Origins_ThatAreAllowed_AreToldToBrowsers(string origin, bool isAllowed)
    {
        await using ChatServer server = await ChatServer.StartAsync(Models(), s_free with
        {
            AllowedOrigins = ["https://example.com"],
            Endpoints = new ChatEndpointOptions { ApiKeys = ["sk-right"] },
        });
        using HttpClient http = new();
        using HttpRequestMessage preflight = new(HttpMethod.Options, new Uri(server.Addresses.Single(), "/v1/chat/completions"));
        preflight.Headers.Add("Origin", origin);
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");

        using HttpResponseMessage response = await http.SendAsync(preflight);

        response.Headers.TryGetValues("Access-Control-Allow-Origin", out IEnumerable<string>? origins).Should().Be(isAllowed);
        if (isAllowed)
            origins.Should().Equal(origin);
    }

    [Fact]
    public async Task Origins_ByDefault_AreNone()
    {
        await using ChatServer server = await ChatServer.StartAsync(Models(), s_free);
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(server.Addresses.Single(), "/v1/models"));
        request.Headers.Add("Origin", "https://example.com");

        using HttpResponseMessage response = await http.SendAsync(request);

        response.Headers.Contains("Access-Control-Allow-Origin").Should().BeFalse();
    }

    [Theory]
    [InlineData("llm.example.com", HttpStatusCode.OK)]
    [InlineData("evil.example", HttpStatusCode.BadRequest)]
    public async Task Hosts_ThatAreNotAllowed_AreRefused(string host, HttpStatusCode status)
    {
        await using ChatServer server = await ChatServer.StartAsync(Models(), s_free with
        {
            AllowedHosts = ["llm.example.com"],
            Endpoints = new ChatEndpointOptions { AllowAnyone = true },
        });
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(server.Addresses.Single(), "/v1/models"));
        request.Headers.Host = host;

        using HttpResponseMessage response = await http.SendAsync(request);

        response.StatusCode.Should().Be(status);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", null)]
    [InlineData("http://localhost:1", null)]
    [InlineData("http://[::1]:1", null)]
    [InlineData("http://0.0.0.0:1", "AllowAnyone")]
    [InlineData("http://*:1", "AllowAnyone")]
    [InlineData("http://[::]:1", "AllowAnyone")]
    [InlineData("http://192.168.0.7:1", "AllowAnyone")]
    [InlineData("http://myself:1", "AllowAnyone")]
    [InlineData("https://127.0.0.1:1", "encryption")]
    [InlineData("http://127.0.0.1:1/base", "encryption")]
    [InlineData("127.0.0.1:1", "an address is as")]
    [InlineData("http://unix:/tmp/x", "encryption")]
    public void Validate_OfAnAddress_RefusesWhatOthersReachWithoutAKey(string url, string? fault)
    {
        ChatServerOptions options = new() { Urls = [url] };
        Action validate = options.Validate;

        if (fault is null)
            validate.Should().NotThrow();
        else
            validate.Should().Throw<ArgumentException>().Which.Message.Should().Contain(fault).And.Contain(url);
        if (fault == "AllowAnyone")
        {
            (options with { Endpoints = new ChatEndpointOptions { ApiKeys = ["sk-right"] } }).Invoking(with => with.Validate()).Should().NotThrow();
            (options with { Endpoints = new ChatEndpointOptions { AllowAnyone = true } }).Invoking(with => with.Validate()).Should().NotThrow();
        }
    }

    [Fact]
    public void Validate_OfManyFaults_NamesThemAll() => new ChatServerOptions
    {
        Urls = [], AllowedOrigins = ["example.com", "https://example.com/"], AllowedHosts = ["http://x", ""],
    }.Invoking(options => options.Validate()).Should().Throw<ArgumentException>().Which.Message.Should()
        .ContainAll("Urls is empty", "'example.com'", "'https://example.com/'", "'http://x'", "AllowedHosts has ''");

    private static Dictionary<string, IChatClient> Models() => new() { ["tiny"] = new ScriptedClient(new TextContent("x")) };
}
