using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>Answers in conversations, in OpenAI's form.</summary>
public sealed class ChatCompletionsTests
{
    private const string Question = """{"model":"tiny","messages":[{"role":"user","content":"Hello?"}]}""";
    private const string Streamed = """{"model":"tiny","stream":true,"messages":[{"role":"user","content":"Hello?"}]}""";

    [Fact]
    public async Task Chat_OfAQuestion_GivesOpenAIsObject()
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient(new TextContent("Good"), new TextContent(" day \u00e9")));

        JsonElement answer = await host.AnswerAsync(Question);

        answer.GetProperty("object").GetString().Should().Be("chat.completion");
        answer.GetProperty("id").GetString().Should().StartWith("chatcmpl-");
        answer.GetProperty("model").GetString().Should().Be("tiny");
        DateTimeOffset.FromUnixTimeSeconds(answer.GetProperty("created").GetInt64()).Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        JsonElement choice = answer.GetProperty("choices").EnumerateArray().Single();
        choice.GetProperty("index").GetInt32().Should().Be(0);
        choice.GetProperty("finish_reason").GetString().Should().Be("stop");
        choice.GetProperty("logprobs").ValueKind.Should().Be(JsonValueKind.Null);
        choice.GetProperty("message").ToString().Should().Be("""{"role":"assistant","content":"Good day é","refusal":null}""");
        answer.GetProperty("usage").ToString().Should().Be("""{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}""");
    }

    [Fact]
    public async Task Chat_AsAStream_GivesOpenAIsPieces()
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient(new TextContent("Good"), new TextContent(" day")));

        IReadOnlyList<string> events = await host.EventsAsync(Streamed);

        events.Should().HaveCount(5);
        events[^1].Should().Be("[DONE]");
        JsonElement[] pieces = [.. events.SkipLast(1).Select(data => JsonDocument.Parse(data).RootElement)];
        pieces.Should().AllSatisfy(piece =>
        {
            piece.GetProperty("object").GetString().Should().Be("chat.completion.chunk");
            piece.GetProperty("id").GetString().Should().Be(pieces[0].GetProperty("id").GetString());
            piece.TryGetProperty("usage", out _).Should().BeFalse("nobody asked for it");
        });
        pieces.Select(piece => piece.GetProperty("choices")[0].GetProperty("delta").ToString()).Should().Equal(
            """{"role":"assistant","content":""}""", """{"content":"Good"}""", """{"content":" day"}""", "{}");
        pieces.Select(piece => piece.GetProperty("choices")[0].GetProperty("finish_reason").GetString()).Should().Equal(null, null, null, "stop");
    }

    [Fact]
    public async Task Chat_AsAStreamWithUsage_HasItInTheLastPieceAndNullBefore()
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient(new TextContent("Good")));

        IReadOnlyList<string> events = await host.EventsAsync(Streamed.Replace("true", """true,"stream_options":{"include_usage":true}"""));

        JsonElement[] pieces = [.. events.SkipLast(1).Select(data => JsonDocument.Parse(data).RootElement)];
        pieces.SkipLast(1).Should().AllSatisfy(piece => piece.GetProperty("usage").ValueKind.Should().Be(JsonValueKind.Null));
        pieces[^1].GetProperty("choices").GetArrayLength().Should().Be(0);
        pieces[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32().Should().Be(8);
    }

    [Fact]
    public async Task Chat_WithReasoningAndCalls_GivesBothApart()
    {
        ScriptedClient client = new(new TextReasoningContent("Rye, "), new TextReasoningContent("then."), new TextContent("I look."),
            new FunctionCallContent("a1", "price", new Dictionary<string, object?> { ["bread"] = JsonDocument.Parse("\"rye\"").RootElement }),
            new FunctionCallContent("a2", "opening", new Dictionary<string, object?>()))
        {
            Finish = ChatFinishReason.ToolCalls,
        };
        await using ChatHost host = await ChatHost.StartAsync(client);

        JsonElement choice = (await host.AnswerAsync(Question)).GetProperty("choices")[0];

        choice.GetProperty("finish_reason").GetString().Should().Be("tool_calls");
        JsonElement message = choice.GetProperty("message");
        message.GetProperty("reasoning_content").GetString().Should().Be("Rye, then.");
        message.GetProperty("content").GetString().Should().Be("I look.");
        message.GetProperty("tool_calls").ToString().Should().Be(
            """[{"id":"a1","type":"function","function":{"name":"price","arguments":"{\"bread\":\"rye\"}"}},"""
            + """{"id":"a2","type":"function","function":{"name":"opening","arguments":"{}"}}]""");

        IReadOnlyList<string> events = await host.EventsAsync(Streamed);

        events.SkipLast(1).Select(data => JsonDocument.Parse(data).RootElement.GetProperty("choices")[0].GetProperty("delta").ToString()).Should().Equal(
            """{"role":"assistant","content":""}""", """{"reasoning_content":"Rye, "}""", """{"reasoning_content":"then."}""", """{"content":"I look."}""",
            """{"tool_calls":[{"index":0,"id":"a1","type":"function","function":{"name":"price","arguments":"{\"bread\":\"rye\"}"}}]}""",
            """{"tool_calls":[{"index":1,"id":"a2","type":"function","function":{"name":"opening","arguments":"{}"}}]}""", "{}");
    }

    [Fact]
    public async Task Chat_OfCallsAlone_HasNullContent()
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient(new FunctionCallContent("a1", "price")));

        JsonElement message = (await host.AnswerAsync(Question)).GetProperty("choices")[0].GetProperty("message");

        message.GetProperty("content").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("length")]
    [InlineData("tool_calls")]
    public async Task Chat_OfEveryEnd_SaysWhich(string reason)
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient(new TextContent("x")) { Finish = new ChatFinishReason(reason) });

        (await host.AnswerAsync(Question)).GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be(reason);
    }

    [Fact]
    public async Task Chat_OfATinyModel_IsTheClientsOwnAnswerStreamedOrNot()
    {
        using IChatClient client = TinyModel.Client();
        ChatResponse own = await client.GetResponseAsync("Hello?");
        await using ChatHost host = await ChatHost.StartAsync(client);

        JsonElement whole = await host.AnswerAsync(Question);
        IReadOnlyList<string> events = await host.EventsAsync(Streamed);

        own.Text.Trim().Should().NotBeEmpty();
        whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().Be(own.Text);
        whole.GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be(own.FinishReason!.Value.Value);
        whole.GetProperty("usage").GetProperty("completion_tokens").GetInt64().Should().Be(own.Usage!.OutputTokenCount);
        string.Concat(events.SkipLast(1).Select(data => JsonDocument.Parse(data).RootElement.GetProperty("choices")[0].GetProperty("delta"))
            .Select(delta => delta.TryGetProperty("content", out JsonElement text) ? text.GetString() : "")).Should().Be(own.Text);
    }

    [Fact]
    public async Task Chat_OfATinyModelWithSeedAndStop_ActsAsTheClientDoes()
    {
        using IChatClient client = TinyModel.Client();
        await using ChatHost host = await ChatHost.StartAsync(client);
        string Seeded(int seed, string more = "") => $$"""
            {"model":"tiny","temperature":1.5,"top_p":0.9,"seed":{{seed}},"max_tokens":12{{more}},"messages":[{"role":"user","content":"Hello?"}]}
            """;
        ChatOptions options = new() { Temperature = 1.5f, TopP = 0.9f, Seed = 5, MaxOutputTokens = 12 };

        string own = (await client.GetResponseAsync("Hello?", options)).Text;
        string[] texts = [.. await Task.WhenAll(new[] { Seeded(5), Seeded(5), Seeded(6) }.Select(async body =>
            (await host.AnswerAsync(body)).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!))];

        texts[0].Should().Be(own).And.Be(texts[1]).And.NotBe(texts[2]);
        string stop = own.Substring(own.Length / 2, 2);
        JsonElement stopped = (await host.AnswerAsync(Seeded(5, $", \"stop\":[{JsonSerializer.Serialize(stop)}]"))).GetProperty("choices")[0];
        stopped.GetProperty("message").GetProperty("content").GetString().Should().Be(own[..own.IndexOf(stop, StringComparison.Ordinal)]);
        stopped.GetProperty("finish_reason").GetString().Should().Be("stop");
    }
}
