using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>How much may be asked.</summary>
public sealed class LimitsTests
{
    private const string Question = """{"model":"tiny","messages":[{"role":"user","content":"Hello?"}]}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_OfMoreBytesThanAreTaken_IsRefused(bool saysItsLength)
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient(new TextContent("x")), new ChatEndpointOptions { MaxRequestBytes = 200 });
        HttpContent Body(int bytes)
        {
            byte[] body = Encoding.UTF8.GetBytes(Question + new string(' ', bytes - Question.Length));
            HttpContent content = saysItsLength ? new ByteArrayContent(body) : new StreamContent(new UnknownLength(body));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            return content;
        }

        using HttpResponseMessage most = await host.Http.PostAsync("/v1/chat/completions", Body(200));
        using HttpResponseMessage tooLong = await host.Http.PostAsync("/v1/chat/completions", Body(201));
        using HttpResponseMessage farTooLong = await host.Http.PostAsync("/v1/chat/completions", Body(60000));

        most.StatusCode.Should().Be(HttpStatusCode.OK);
        foreach (HttpResponseMessage response in new[] { tooLong, farTooLong })
        {
            JsonElement error = await ChatHost.ErrorAsync(response, HttpStatusCode.RequestEntityTooLarge);
            error.GetProperty("code").GetString().Should().Be("request_too_large");
        }
    }

    [Theory]
    [InlineData("text/plain", null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData(null, null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json; charset=utf-16", null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", "gzip", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-www-form-urlencoded", null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", null, HttpStatusCode.OK)]
    [InlineData("Application/JSON; charset=\"UTF-8\"", "identity", HttpStatusCode.OK)]
    public async Task Body_OfAnotherKind_IsRefused(string? type, string? encoding, HttpStatusCode status)
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient(new TextContent("x")));
        using ByteArrayContent content = new(Encoding.UTF8.GetBytes(Question));
        if (type is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);

        using HttpResponseMessage response = await host.Http.PostAsync("/v1/chat/completions", content);

        response.StatusCode.Should().Be(status);
    }

    [Fact]
    public async Task Body_ThatIsNoUtf8_IsRefused()
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient(new TextContent("x")));
        using ByteArrayContent content = new([.. Encoding.UTF8.GetBytes(Question[..^6]), 0xFF, .. Encoding.UTF8.GetBytes(Question[^6..])]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        using HttpResponseMessage response = await host.Http.PostAsync("/v1/chat/completions", content);

        (await ChatHost.ErrorAsync(response, HttpStatusCode.BadRequest)).GetProperty("message").GetString().Should().Contain("UTF-8");
    }

    [Fact]
    public async Task Tokens_BeyondTheMost_AreRefusedAndTheMostIsTheUsual()
    {
        using IChatClient model = TinyModel.Client();
        ScriptedClient scripted = new(new TextContent("x"));
        await using ChatHost host = await ChatHost.StartAsync(
            new Dictionary<string, IChatClient> { ["tiny"] = model, ["scripted"] = scripted }, new ChatEndpointOptions { MaxAnswerTokens = 5 });

        using HttpResponseMessage refused = await host.ChatAsync(Question.Replace("{\"model", "{\"max_tokens\":6,\"model"));
        JsonElement answer = await host.AnswerAsync(Question);
        JsonElement shorter = await host.AnswerAsync(Question.Replace("{\"model", "{\"max_tokens\":2,\"model"));
        await host.AnswerAsync(Question.Replace("tiny", "scripted"));

        JsonElement error = await ChatHost.ErrorAsync(refused, HttpStatusCode.BadRequest);
        (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()).Should().Be(("max_tokens", "integer_above_max_value"));
        answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().Be(5);
        answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be("length");
        shorter.GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().Be(2);
        scripted.Options!.MaxOutputTokens.Should().Be(5);
    }

    [Fact]
    public async Task Tokens_OfAClientThatGivesFewer_StayThose()
    {
        using IChatClient model = TinyModel.Client(); // 24
        await using ChatHost host = await ChatHost.StartAsync(model, new ChatEndpointOptions { MaxAnswerTokens = 100 });

        (await host.AnswerAsync(Question)).GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().Be(24);
    }

    [Fact]
    public async Task Messages_BeyondTheMost_AreRefused()
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient(new TextContent("x")), new ChatEndpointOptions { MaxMessages = 1 });

        using HttpResponseMessage refused = await host.ChatAsync(Question.Replace("}]", "},{\"role\":\"user\",\"content\":\"Hello?\"}]"));

        (await ChatHost.ErrorAsync(refused, HttpStatusCode.BadRequest)).GetProperty("code").GetString().Should().Be("array_above_max_length");
    }

    [Fact]
    public async Task Prompt_LongerThanTheContext_IsRefusedAsOpenAIDoes()
    {
        using IChatClient model = TinyModel.Client();
        await using ChatHost host = await ChatHost.StartAsync(model);

        using HttpResponseMessage refused = await host.ChatAsync(Question.Replace("Hello?", string.Concat(Enumerable.Repeat("bread and wine ", 200))));

        JsonElement error = await ChatHost.ErrorAsync(refused, HttpStatusCode.BadRequest);
        (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()).Should().Be(("messages", "context_length_exceeded"));
    }

    [Fact]
    public async Task Requests_BeyondTheMostOfAModel_AreRefused()
    {
        using SemaphoreSlim go = new(0);
        ScriptedClient client = new(new TextContent("x")) { Before = (place, cancellation) => place == 0 ? go.WaitAsync(cancellation) : Task.CompletedTask };
        Dictionary<string, IChatClient> models = new() { ["tiny"] = client, ["other"] = new ScriptedClient(new TextContent("y")) };
        await using ChatHost host = await ChatHost.StartAsync(models, new ChatEndpointOptions { MaxConcurrentRequests = 2 });
        Task<HttpResponseMessage>[] asked = [host.ChatAsync(Question), host.ChatAsync(Question)];
        await Eventually.IsTrue(() => client.Running == 2);

        using HttpResponseMessage refused = await host.ChatAsync(Question);

        await IsTooManyAsync(refused);
        (await host.Http.GetAsync("/v1/models")).StatusCode.Should().Be(HttpStatusCode.OK);
        await host.AnswerAsync(Question.Replace("tiny", "other"));
        go.Release(3);
        (await Task.WhenAll(asked)).Should().OnlyContain(response => response.StatusCode == HttpStatusCode.OK);
        await host.AnswerAsync(Question);
    }

    [Fact]
    public async Task Requests_BeyondThoseThatMayWaitForAModel_AreRefused()
    {
        using PretrainedModel model = TinyModel.Create();
        using IChatClient client = model.AsChatClient(TinyModel.Defaults with { MaxNewTokens = 200 }, new ServingOptions { MostTogether = 1, MostWaiting = 0 });
        await using ChatHost host = await ChatHost.StartAsync(client);

        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => host.ChatAsync(Question)));

        responses.Should().Contain(response => response.StatusCode == HttpStatusCode.OK);
        await IsTooManyAsync(responses.First(response => response.StatusCode != HttpStatusCode.OK));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_LongerThanItMayTake_IsEndedAndFreesItsPlace(bool isBegun)
    {
        ScriptedClient client = new(new TextContent("x"))
        {
            Before = (place, cancellation) => place == (isBegun ? 1 : 0) ? Task.Delay(Timeout.Infinite, cancellation) : Task.CompletedTask,
        };
        await using ChatHost host = await ChatHost.StartAsync(client,
            new ChatEndpointOptions { RequestTimeout = TimeSpan.FromMilliseconds(200), MaxConcurrentRequests = 2 });

        for (int i = 0; i < 3; i++)
        {
            if (isBegun)
            {
                (string body, bool isWhole) = await host.StreamAsync(Question.Replace("{\"model", "{\"stream\":true,\"model"));
                body.Should().Contain("event: error\ndata: {").And.Contain("\"code\":\"timeout\"").And.NotContain("[DONE]");
                isWhole.Should().BeFalse();
            }
            else
            {
                using HttpResponseMessage response = await host.ChatAsync(Question);
                (await ChatHost.ErrorAsync(response, HttpStatusCode.GatewayTimeout)).GetProperty("code").GetString().Should().Be("timeout");
                response.Headers.GetValues("x-should-retry").Should().Equal("false");
            }
        }
        client.Running.Should().Be(0);
    }

    private static async Task IsTooManyAsync(HttpResponseMessage refused)
    {
        JsonElement error = await ChatHost.ErrorAsync(refused, HttpStatusCode.TooManyRequests);
        (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()).Should().Be(("rate_limit_error", "rate_limit_exceeded"));
        refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
    }

    private sealed class UnknownLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
