using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>What goes on with a text.</summary>
public sealed class CompletionsTests : IAsyncLifetime
{
    private const string Path = "/v1/completions";

    private readonly IChatClient _client = TinyModel.Client();
    private ChatHost _host = null!;

    public async Task InitializeAsync() => _host = await ChatHost.StartAsync(_client);

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        _client.Dispose();
    }

    [Fact]
    public async Task Completion_OfAText_IsTheClientsOwnWithoutTemplateStreamedOrNot()
    {
        ChatResponse own = await _client.GetResponseAsync("Once there was", new ChatOptions
        {
            RawRepresentationFactory = _ => TinyModel.Defaults with { WithoutTemplate = true, MaxNewTokens = 9 },
        });
        const string Body = """{"model":"tiny","prompt":"Once there was","max_tokens":9}""";

        JsonElement whole = await _host.AnswerAsync(Body, Path);
        IReadOnlyList<string> events = await _host.EventsAsync(Body.Replace("{", """{"stream":true,"stream_options":{"include_usage":true},"""), Path);

        own.Text.Trim().Should().NotBeEmpty();
        whole.GetProperty("object").GetString().Should().Be("text_completion");
        whole.GetProperty("id").GetString().Should().StartWith("cmpl-");
        JsonElement choice = whole.GetProperty("choices")[0];
        (choice.GetProperty("text").GetString(), choice.GetProperty("finish_reason").GetString()).Should().Be((own.Text, "length"));
        choice.GetProperty("logprobs").ValueKind.Should().Be(JsonValueKind.Null);
        whole.GetProperty("usage").GetProperty("prompt_tokens").GetInt64().Should().Be(own.Usage!.InputTokenCount);
        events[^1].Should().Be("[DONE]");
        JsonElement[] pieces = [.. events.SkipLast(1).Select(data => JsonDocument.Parse(data).RootElement)];
        string.Concat(pieces.SkipLast(1).Select(piece => piece.GetProperty("choices")[0].GetProperty("text").GetString())).Should().Be(own.Text);
        pieces[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be("length");
        pieces[^1].GetProperty("usage").ToString().Should().Be(whole.GetProperty("usage").ToString());
    }

    [Fact]
    public async Task Completion_OfARequestThatDoesNotSay_HasSixteenTokens() =>
        (await _host.AnswerAsync("""{"model":"tiny","prompt":["Once there was"]}""", Path)).GetProperty("usage").GetProperty("completion_tokens").GetInt32()
            .Should().Be(16, "so OpenAI has it");

    [Fact]
    public async Task Completion_WithEcho_BeginsWithThePrompt()
    {
        string plain = await TextAsync("""{"model":"tiny","prompt":"Once there was"}""");

        (await TextAsync("""{"model":"tiny","prompt":"Once there was","echo":true}""")).Should().Be("Once there was" + plain);
        IReadOnlyList<string> events = await _host.EventsAsync("""{"model":"tiny","prompt":"Once there was","echo":true,"stream":true}""", Path);
        string.Concat(events.SkipLast(1).Select(data => JsonDocument.Parse(data).RootElement.GetProperty("choices")[0].GetProperty("text").GetString()))
            .Should().Be("Once there was" + plain);
    }

    [Fact]
    public async Task Completion_WithLogProbs_TellsOfEveryToken()
    {
        JsonElement choice = (await _host.AnswerAsync(
            """{"model":"tiny","prompt":"Once","max_tokens":8,"logprobs":2,"temperature":0}""", Path)).GetProperty("choices")[0];

        JsonElement logProbs = choice.GetProperty("logprobs");
        double[] own = [.. logProbs.GetProperty("token_logprobs").EnumerateArray().Select(value => value.GetDouble())];
        JsonElement[] top = [.. logProbs.GetProperty("top_logprobs").EnumerateArray()];
        string[] tokens = [.. logProbs.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)];
        int[] offsets = [.. logProbs.GetProperty("text_offset").EnumerateArray().Select(offset => offset.GetInt32())];
        own.Should().HaveCount(8).And.OnlyContain(value => value < 0);
        top.Should().HaveCount(8);
        top.Select(all => all.EnumerateObject().Max(other => other.Value.GetDouble())).Should().Equal(own, "the likeliest token is taken");
        offsets[0].Should().Be(4, "the prompt has four characters");
        offsets.Should().BeInAscendingOrder();
        if (tokens.All(token => !token.StartsWith("bytes:", StringComparison.Ordinal)))
            string.Concat(tokens).Should().Be(choice.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Completion_WithLogProbsAsAStream_TellsOfTheSame()
    {
        const string Body = """{"model":"tiny","prompt":"Once","max_tokens":8,"logprobs":0}""";

        JsonElement whole = (await _host.AnswerAsync(Body, Path)).GetProperty("choices")[0].GetProperty("logprobs");
        JsonElement[] pieces = [.. (await _host.EventsAsync(Body.Replace("{", """{"stream":true,"""), Path)).SkipLast(1)
            .Select(data => JsonDocument.Parse(data).RootElement.GetProperty("choices")[0].GetProperty("logprobs"))
            .Where(each => each.ValueKind == JsonValueKind.Object)];

        whole.TryGetProperty("top_logprobs", out _).Should().BeFalse("none were asked for");
        foreach (string list in (string[])["tokens", "token_logprobs", "text_offset"])
        {
            Values(pieces.SelectMany(piece => piece.GetProperty(list).EnumerateArray())).Should().Equal(Values(whole.GetProperty(list).EnumerateArray()));
        }
    }

    [Theory]
    [InlineData("'prompt':5", "prompt", "invalid_type")]
    [InlineData("'prompt':''", "prompt", "invalid_value")]
    [InlineData("'prompt':['a','b']", "prompt", "unsupported_value")]
    [InlineData("'prompt':[1,2]", "prompt", "unsupported_value")]
    [InlineData("'prompt':null", "prompt", "missing_required_parameter")]
    [InlineData("'prompt':'a','suffix':'b'", "suffix", "unsupported_parameter")]
    [InlineData("'prompt':'a','best_of':2", "best_of", "unsupported_value")]
    [InlineData("'prompt':'a','logprobs':true", "logprobs", "invalid_type")]
    [InlineData("'prompt':'a','logprobs':1,'echo':true", "echo", "unsupported_value")]
    [InlineData("'prompt':'a','max_completion_tokens':1", "max_completion_tokens", "unknown_parameter")]
    [InlineData("'prompt':'a','messages':[]", "messages", "unknown_parameter")]
    [InlineData("'prompt':'a','tools':[]", "tools", "unknown_parameter")]
    public async Task Completion_WithAFieldThatIsNotDone_IsRefusedByItsName(string fields, string param, string code)
    {
        using HttpResponseMessage response = await _host.PostAsync(Path, $$"""{"model":"tiny",{{fields.Replace('\'', '"')}}}""");

        JsonElement error = await ChatHost.ErrorAsync(response, HttpStatusCode.BadRequest);
        (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()).Should().Be((param, code));
    }

    [Fact]
    public async Task Completion_OfAClientThatOnlyChats_IsRefused()
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient(new TextContent("x")));

        using HttpResponseMessage response = await host.PostAsync(Path, """{"model":"tiny","prompt":"Once"}""");

        (await ChatHost.ErrorAsync(response, HttpStatusCode.BadRequest)).GetProperty("param").GetString().Should().Be("model");
    }

    // what was read before is not read again, so that sums may differ in their last bits
    private static IEnumerable<string> Values(IEnumerable<JsonElement> values) =>
        values.Select(value => value.ValueKind == JsonValueKind.Number ? value.GetDouble().ToString("F5") : value.GetString()!);

    private async Task<string> TextAsync(string body) => (await _host.AnswerAsync(body, Path)).GetProperty("choices")[0].GetProperty("text").GetString()!;
}
