using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>Which models there are, and how they are mapped.</summary>
public sealed class ModelsTests
{
    [Fact]
    public async Task Models_OfSeveral_AreListedAndAnswerByTheirNames()
    {
        Dictionary<string, IChatClient> models = new()
        {
            ["tiny"] = new ScriptedClient(new TextContent("I am tiny.")), ["org/tiny-baker"] = new ScriptedClient(new TextContent("I bake.")),
        };
        await using ChatHost host = await ChatHost.StartAsync(models);

        JsonElement list = await host.Http.GetFromJsonAsync<JsonElement>("/v1/models");
        JsonElement one = await host.Http.GetFromJsonAsync<JsonElement>("/v1/models/org%2Ftiny-baker");
        JsonElement same = await host.Http.GetFromJsonAsync<JsonElement>("/v1/models/org/tiny-baker");
        JsonElement answer = await host.AnswerAsync("""{"model":"org/tiny-baker","messages":[{"role":"user","content":"Who are you?"}]}""");

        list.GetProperty("object").GetString().Should().Be("list");
        list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).Should().Equal("org/tiny-baker", "tiny");
        one.ToString().Should().Be(list.GetProperty("data")[0].ToString()).And.Be(same.ToString());
        one.GetProperty("object").GetString().Should().Be("model");
        DateTimeOffset.FromUnixTimeSeconds(one.GetProperty("created").GetInt64()).Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().Be("I bake.");
        answer.GetProperty("model").GetString().Should().Be("org/tiny-baker");
        (await host.Http.GetStringAsync("/v1/models/")).Should().Contain("\"list\"");
    }

    [Fact]
    public async Task Models_OfAnotherName_AreNotFound()
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient());

        using HttpResponseMessage shown = await host.Http.GetAsync("/v1/models/Tiny");
        using HttpResponseMessage asked = await host.ChatAsync("""{"model":"gpt-4o","messages":[{"role":"user","content":"Hello?"}]}""");
        using HttpResponseMessage completed = await host.PostAsync("/v1/completions", """{"model":"gpt-4o","prompt":"Hello"}""");

        foreach (HttpResponseMessage response in new[] { shown, asked, completed })
        {
            JsonElement error = await ChatHost.ErrorAsync(response, HttpStatusCode.NotFound);
            error.GetProperty("code").GetString().Should().Be("model_not_found");
            error.GetProperty("param").GetString().Should().Be("model");
            error.GetProperty("message").GetString().Should().Contain("'tiny'");
        }
    }

    [Theory]
    [InlineData("POST", "/v1/embeddings", HttpStatusCode.NotFound, "unknown_url", null)]
    [InlineData("GET", "/v1", HttpStatusCode.NotFound, "unknown_url", null)]
    [InlineData("GET", "/v1/chat/completions", HttpStatusCode.MethodNotAllowed, "method_not_supported", "POST")]
    [InlineData("DELETE", "/v1/completions", HttpStatusCode.MethodNotAllowed, "method_not_supported", "POST")]
    [InlineData("POST", "/v1/models", HttpStatusCode.MethodNotAllowed, "method_not_supported", "GET")]
    [InlineData("DELETE", "/v1/models/tiny", HttpStatusCode.MethodNotAllowed, "method_not_supported", "GET")]
    public async Task Addresses_OfNothing_AreRefusedInOpenAIsForm(string method, string path, HttpStatusCode status, string code, string? right)
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient());
        using HttpRequestMessage request = new(new HttpMethod(method), path);

        using HttpResponseMessage response = await host.Http.SendAsync(request);

        (await ChatHost.ErrorAsync(response, status)).GetProperty("code").GetString().Should().Be(code);
        response.Content.Headers.Allow.Should().BeEquivalentTo(right is null ? [] : new[] { right });
    }

    [Fact]
    public async Task Map_OfOneClient_TakesItsOwnName()
    {
        await using ChatHost host = await ChatHost.StartAsync(app => app.MapMiniMindChat(new ScriptedClient()));

        (await host.Http.GetStringAsync("/v1/models")).Should().Contain("\"scripted\"");
    }

    [Fact]
    public async Task Map_WithAnotherPrefix_AnswersThere()
    {
        await using ChatHost host = await ChatHost.StartAsync(app => app.MapMiniMindChat(new ScriptedClient(), new ChatEndpointOptions { Prefix = "/ai/v1" }));

        (await host.Http.GetStringAsync("/ai/v1/models")).Should().Contain("\"scripted\"");
        (await host.Http.GetAsync("/ai/v1/completions")).StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        (await host.Http.GetAsync("/v1/models")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Map_OfRegisteredModels_MakesThemOnceAndTheAppDisposesThem()
    {
        List<DisposableClient> made = [];
        IChatClient Make()
        {
            made.Add(new DisposableClient());
            return made[^1];
        }
        await using (ChatHost host = await ChatHost.StartAsync(app => app.MapMiniMindChat(),
            builder => builder.Services.AddMiniMindChat("one", _ => Make()).AddMiniMindChat("two", _ => Make())))
        {
            (await host.Http.GetStringAsync("/v1/models")).Should().Contain("\"one\"").And.Contain("\"two\"");
            made.Should().HaveCount(2).And.OnlyContain(client => !client.IsDisposed);
        }

        made.Should().HaveCount(2).And.OnlyContain(client => client.IsDisposed);
    }

    [Fact]
    public async Task Map_OfWhatCannotBeServed_IsRefused()
    {
        List<Exception> faults = [];
        void Fails(Action map)
        {
            try
            {
                map();
            }
            catch (Exception fault)
            {
                faults.Add(fault);
            }
        }
        await using ChatHost host = await ChatHost.StartAsync(app =>
        {
            Fails(() => app.MapMiniMindChat());
            Fails(() => app.MapMiniMindChat(new Dictionary<string, IChatClient>()));
            Fails(() => app.MapMiniMindChat(new Dictionary<string, IChatClient> { [" "] = new ScriptedClient() }));
            Fails(() => app.MapMiniMindChat(new Dictionary<string, IChatClient> { ["a\nb"] = new ScriptedClient() }));
            Fails(() => app.MapMiniMindChat(new ScriptedClient(), new ChatEndpointOptions { MaxConcurrentRequests = 0 }));
        });

        faults.Select(fault => fault.GetType()).Should().Equal(typeof(InvalidOperationException), typeof(ArgumentException), typeof(ArgumentException),
            typeof(ArgumentException), typeof(ArgumentException));
        faults[0].Message.Should().Contain("AddMiniMindChat");
    }

    [Fact]
    public async Task Map_OfTwoModelsOfOneName_IsRefused()
    {
        Func<Task<ChatHost>> start = () => ChatHost.StartAsync(app => app.MapMiniMindChat(),
            builder => builder.Services.AddMiniMindChat("one", _ => new ScriptedClient()).AddMiniMindChat("one", _ => new ScriptedClient()));

        await start.Should().ThrowAsync<ArgumentException>().WithMessage("*one*");
    }
}
