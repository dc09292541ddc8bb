using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>Who is answered.</summary>
public sealed class CallersTests
{
    private const string Right = "sk-right-0123456789", Second = "sk-second";

    [Theory]
    [InlineData("/v1/models")]
    [InlineData("/v1/models/tiny")]
    [InlineData("/v1/nothing")]
    public async Task Endpoints_WithKeys_AskForOneOfThem(string path)
    {
        await using ChatHost host = await WithKeysAsync();
        HttpStatusCode found = path.EndsWith("nothing", StringComparison.Ordinal) ? HttpStatusCode.NotFound : HttpStatusCode.OK;
        (string? Header, HttpStatusCode Status)[] cases =
        [
            (null, HttpStatusCode.Unauthorized), ("", HttpStatusCode.Unauthorized), ("Bearer", HttpStatusCode.Unauthorized),
            ("Bearer sk-wrong", HttpStatusCode.Unauthorized), ("Bearer " + Right + "x", HttpStatusCode.Unauthorized),
            ("Bearer " + Right[..^1], HttpStatusCode.Unauthorized), ("Bearer " + Right.ToUpperInvariant(), HttpStatusCode.Unauthorized),
            ("Basic " + Right, HttpStatusCode.Unauthorized), ("Bearer " + Right, found), ("bearer " + Second, found),
        ];

        foreach ((string? header, HttpStatusCode status) in cases)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Authorization", header);
            using HttpResponseMessage response = await host.Http.SendAsync(request);
            response.StatusCode.Should().Be(status, $"the header is '{header}'");
        }
    }

    [Fact]
    public async Task Chat_WithoutAKey_IsRefusedBeforeItsBodyIsRead()
    {
        await using ChatHost host = await WithKeysAsync();

        using HttpResponseMessage response = await host.ChatAsync("this is no JSON");

        JsonElement error = await ChatHost.ErrorAsync(response, HttpStatusCode.Unauthorized);
        error.GetProperty("code").GetString().Should().Be("invalid_api_key");
        response.Headers.WwwAuthenticate.Should().ContainSingle(value => value.Scheme == "Bearer");
    }

    [Fact]
    public async Task Chat_WithAWrongKey_ShowsNoKeyAnywhere()
    {
        await using ChatHost host = await WithKeysAsync();
        host.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sk-wrong");

        using HttpResponseMessage response = await host.ChatAsync("{}");

        (await ChatHost.ErrorAsync(response, HttpStatusCode.Unauthorized)).ToString().Should().NotContain("sk-");
        host.Log.Lines.Should().NotContain(line => line.Text.Contains("sk-"));
    }

    [Theory]
    [InlineData("localhost", null, HttpStatusCode.OK)]
    [InlineData("127.0.0.1", null, HttpStatusCode.OK)]
    [InlineData("[::1]:80", null, HttpStatusCode.OK)]
    [InlineData("evil.example", null, HttpStatusCode.Forbidden)]
    [InlineData("localhost.evil.example", null, HttpStatusCode.Forbidden)]
    [InlineData("192.168.0.7", null, HttpStatusCode.Forbidden)]
    [InlineData("localhost", "10.1.2.3", HttpStatusCode.Forbidden)]
    public async Task Endpoints_WithoutKeys_AnswerThisMachineByItsOwnNames(string name, string? forwarded, HttpStatusCode status)
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient());
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/models");
        request.Headers.Host = name;
        if (forwarded is not null)
            request.Headers.Add("X-Forwarded-For", forwarded);

        using HttpResponseMessage response = await host.Http.SendAsync(request);

        response.StatusCode.Should().Be(status);
    }

    [Theory]
    [InlineData(false, HttpStatusCode.Forbidden)]
    [InlineData(true, HttpStatusCode.OK)]
    public async Task Endpoints_WithoutKeys_AnswerOtherMachinesOnlyWhereThatIsSaid(bool allowsAnyone, HttpStatusCode status)
    {
        Dictionary<string, IChatClient> models = new() { ["tiny"] = new ScriptedClient() };
        await using ChatHost host = await ChatHost.StartAsync(app =>
        {
            app.Use((context, next) =>
            {
                context.Connection.RemoteIpAddress = IPAddress.Parse("10.1.2.3");
                return next(context);
            });
            app.MapMiniMindChat(models, new ChatEndpointOptions { AllowAnyone = allowsAnyone });
        });

        using HttpResponseMessage response = await host.Http.GetAsync("/v1/models");

        response.StatusCode.Should().Be(status);
    }

    private static Task<ChatHost> WithKeysAsync() => ChatHost.StartAsync(new ScriptedClient(), new ChatEndpointOptions { ApiKeys = [Right, Second] });
}
