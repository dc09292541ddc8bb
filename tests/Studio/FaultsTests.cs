using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>What callers are told when something fails, and what happens when they leave.</summary>
public sealed class FaultsTests
{
    private const string Secret = "my secret bread";
    private const string Question = """{"model":"tiny","messages":[{"role":"user","content":"my secret bread"}]}""";
    private const string Streamed = """{"model":"tiny","stream":true,"messages":[{"role":"user","content":"my secret bread"}]}""";

    [Fact]
    public async Task Fault_BeforeTheFirstPiece_HasAStatusOfItsOwn()
    {
        await using ChatHost host = await ChatHost.StartAsync(Failing(0, new InvalidOperationException(Secret)));

        foreach (string body in new[] { Question, Streamed })
        {
            using HttpResponseMessage response = await host.ChatAsync(body);
            JsonElement error = await ChatHost.ErrorAsync(response, HttpStatusCode.InternalServerError);
            (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()).Should().Be(("server_error", "internal_error"));
            error.ToString().Should().NotContain(Secret);
        }
        host.Log.Lines.Should().Contain(line => line.Level == LogLevel.Error && line.Text.Contains(nameof(InvalidOperationException)));
        host.Log.Lines.Should().NotContain(line => line.Text.Contains(Secret));
    }

    [Fact]
    public async Task Fault_WithinAStream_IsItsLastEvent()
    {
        await using ChatHost host = await ChatHost.StartAsync(Failing(1, new InvalidOperationException(Secret)));

        (string body, bool isWhole) = await host.StreamAsync(Streamed);
        string[] events = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        isWhole.Should().BeFalse("clients that know no such event must notice it, too");
        events[^1].Should().StartWith("event: error\ndata: {\"error\":{").And.Contain("internal_error").And.NotContain(Secret);
        events.Should().NotContain("data: [DONE]");
    }

    [Theory]
    [InlineData(typeof(ObjectDisposedException), HttpStatusCode.ServiceUnavailable, "model_stopped")]
    [InlineData(typeof(NotFiniteNumberException), HttpStatusCode.InternalServerError, "model_failed")]
    public async Task Fault_OfTheModel_IsToldAsSuch(Type type, HttpStatusCode status, string code)
    {
        Exception fault = type == typeof(ObjectDisposedException) ? new ObjectDisposedException("x") : new NotFiniteNumberException();
        await using ChatHost host = await ChatHost.StartAsync(Failing(0, fault));

        using HttpResponseMessage response = await host.ChatAsync(Question);

        (await ChatHost.ErrorAsync(response, status)).GetProperty("code").GetString().Should().Be(code);
    }

    [Theory]
    [InlineData("'tools':[{'type':'function','function':{'name':'price'}}]", "tools")]
    [InlineData("'chat_template_kwargs':{'nobody_reads':1}", "chat_template_kwargs")]
    public async Task Option_ThatTheModelDoesNotDo_IsRefusedByItsField(string field, string param)
    {
        using IChatClient model = TinyModel.Client(); // its template knows neither
        await using ChatHost host = await ChatHost.StartAsync(model);

        using HttpResponseMessage response = await host.ChatAsync(Question[..^1] + "," + field.Replace('\'', '"') + "}");

        JsonElement error = await ChatHost.ErrorAsync(response, HttpStatusCode.BadRequest);
        (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()).Should().Be((param, "unsupported_value"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Caller_WhoLeaves_EndsTheAnswerAndFreesItsPlace(bool streams)
    {
        ScriptedClient client = new(new TextContent("x"))
        {
            Before = (place, cancellation) => place == 1 ? Task.Delay(Timeout.Infinite, cancellation) : Task.CompletedTask,
        };
        await using ChatHost host = await ChatHost.StartAsync(client, new ChatEndpointOptions { MaxConcurrentRequests = 2 });

        for (int i = 0; i < 3; i++) // the place is free a moment after the answer's end
        {
            using (TcpClient connection = await Ask(host, streams ? Streamed : Question))
                await Eventually.IsTrue(() => client.Running == 1);
            await Eventually.IsTrue(() => client.Running == 0);
        }
        await Eventually.IsTrue(() => host.Log.Lines.Count(line => line.Text.Contains("The caller left")) == 3);
        host.Log.Lines.Should().NotContain(line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Caller_WhoLeavesATinyModel_LeavesItToTheOthers()
    {
        using PretrainedModel model = TinyModel.Create();
        using IChatClient client = model.AsChatClient(TinyModel.Defaults with { MaxNewTokens = 200 }, new ServingOptions { MostTogether = 1, MostWaiting = 1 });
        await using ChatHost host = await ChatHost.StartAsync(client);

        for (int i = 0; i < 3; i++)
        {
            using (TcpClient connection = await Ask(host, Streamed))
                await connection.GetStream().ReadExactlyAsync(new byte[100]);
            await Eventually.IsTrue(() => client.GetService<ServingStatus>()!.Decoding == 0);
        }
        (await host.ChatAsync(Question)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Caller_WhoDoesNotReadItsStream_IsLetGoAtTheTimeLimit()
    {
        ScriptedClient client = new([.. Enumerable.Repeat(new TextContent(new string('x', 1 << 20)), 50)]);
        await using ChatHost host = await ChatHost.StartAsync(client, new ChatEndpointOptions { RequestTimeout = TimeSpan.FromSeconds(2) });

        using TcpClient connection = await Ask(host, Streamed);

        await Eventually.IsTrue(() => host.Log.Lines.Any(line => line.Text.Contains("timeout")));
        client.Running.Should().Be(0);
        client.Messages.Should().NotBeEmpty("it had begun");
    }

    [Fact]
    public async Task Stop_OfTheApp_EndsWhatRuns()
    {
        ScriptedClient client = new(new TextContent("x"))
        {
            Before = (place, cancellation) => place == 1 ? Task.Delay(Timeout.Infinite, cancellation) : Task.CompletedTask,
        };
        await using ChatHost host = await ChatHost.StartAsync(client);
        Task<HttpResponseMessage> whole = host.ChatAsync(Question);
        Task<(string Body, bool IsWhole)> stream = host.StreamAsync(Streamed);
        await Eventually.IsTrue(() => client.Running == 2);

        await host.StopAsync();

        (await ChatHost.ErrorAsync(await whole, HttpStatusCode.ServiceUnavailable)).GetProperty("code").GetString().Should().Be("server_stopping");
        (await stream).Body.Should().Contain("server_stopping");
        client.Running.Should().Be(0);
    }

    [Fact]
    public async Task Log_OfRequestsOfAllKinds_HasNothingThatAnyoneWrote()
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient(new TextContent("An answer of gold.")));

        await host.AnswerAsync(Question);
        await host.EventsAsync(Streamed);
        await host.ChatAsync(Question.Replace("\"user\"", $"\"{Secret}\""));
        await host.ChatAsync(Question + Secret);
        await host.ChatAsync($$"""{"model":"tiny","{{Secret}}":1,"messages":[{"role":"user","content":"x"}]}""");
        await host.PostAsync("/v1/completions", $$"""{"model":"tiny","prompt":"{{Secret}}"}""");

        host.Log.Lines.Should().Contain(line => line.Text.Contains("tokens read"));
        host.Log.Lines.Should().NotContain(line => line.Text.Contains("secret") || line.Text.Contains("gold"));
    }

    private static ScriptedClient Failing(int place, Exception fault) => new(new TextContent("x"), new TextContent("y"))
    {
        Before = (at, _) => at == place ? Task.FromException(fault) : Task.CompletedTask,
    };

    private static async Task<TcpClient> Ask(ChatHost host, string body)
    {
        TcpClient connection = new();
        await connection.ConnectAsync(IPAddress.Loopback, host.Address.Port);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        return connection;
    }
}
