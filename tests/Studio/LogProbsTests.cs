using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tests.Generation;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>How likely the model held its tokens to be.</summary>
public sealed class LogProbsTests
{
    private const string Body = """{"model":"tiny","logprobs":true,"top_logprobs":3,"max_tokens":10,"messages":[{"role":"user","content":"Hello?"}]}""";

    // what was read before is not read again, so that sums may differ in their last bits
    private const double Tolerance = 1e-5;

    [Fact]
    public async Task LogProbs_OfAnAnswer_AreTheClientsOwn()
    {
        using IChatClient client = TinyModel.Client();
        await using ChatHost host = await ChatHost.StartAsync(client);
        ChatResponse own = await client.GetResponseAsync("Hello?", new ChatOptions
        {
            MaxOutputTokens = 10, AdditionalProperties = new AdditionalPropertiesDictionary { [GenerationOptions.TopLogProbsProperty] = 3 },
        });
        TokenLogProb[] tokens = [.. ((IReadOnlyList<TokenLogProb>)own.AdditionalProperties![GenerationOptions.LogProbsProperty]!)
            .Where(token => !token.IsSpecial)];

        JsonElement choice = (await host.AnswerAsync(Body)).GetProperty("choices")[0];

        JsonElement[] told = [.. choice.GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        told.Select(token => token.GetProperty("logprob").GetDouble()).Should().Equal(tokens.Select(token => token.LogProb), IsNear);
        told.Select(token => token.GetProperty("token").GetString()).Should().Equal(tokens.Select(token => token.Text));
        told.Should().AllSatisfy(token => token.GetProperty("top_logprobs").GetArrayLength().Should().Be(3));
        told[0].GetProperty("top_logprobs")[1].GetProperty("logprob").GetDouble().Should().BeApproximately(tokens[0].Top[1].LogProb, Tolerance);
        byte[] bytes = [.. told.SelectMany(token => token.GetProperty("bytes").EnumerateArray().Select(value => value.GetByte()))];
        Encoding.UTF8.GetString(bytes).Should().Be(choice.GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task LogProbs_OfAStream_AreThoseOfTheWhole()
    {
        using IChatClient client = TinyModel.Client();
        await using ChatHost host = await ChatHost.StartAsync(client);

        JsonElement whole = (await host.AnswerAsync(Body)).GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content");
        IReadOnlyList<string> events = await host.EventsAsync(Body.Replace("{\"model", "{\"stream\":true,\"model"));

        events.SkipLast(1).Select(data => JsonDocument.Parse(data).RootElement.GetProperty("choices")[0].GetProperty("logprobs"))
            .Where(each => each.ValueKind == JsonValueKind.Object).SelectMany(each => each.GetProperty("content").EnumerateArray())
            .Should().Equal(whole.EnumerateArray(), (one, other) => IsNear(one.GetProperty("logprob").GetDouble(), other.GetProperty("logprob").GetDouble())
                && one.GetProperty("bytes").ToString() == other.GetProperty("bytes").ToString()
                && one.GetProperty("top_logprobs").GetArrayLength() == other.GetProperty("top_logprobs").GetArrayLength());
    }

    [Fact]
    public async Task LogProbs_ThatNobodyAskedFor_AreNull()
    {
        using IChatClient client = TinyModel.Client();
        await using ChatHost host = await ChatHost.StartAsync(client);

        JsonElement choice = (await host.AnswerAsync(Body.Replace("true,\"top_logprobs\":3", "false"))).GetProperty("choices")[0];

        choice.GetProperty("logprobs").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task LogProbs_WithoutLikeliest_HaveEmptyLists()
    {
        using IChatClient client = TinyModel.Client();
        await using ChatHost host = await ChatHost.StartAsync(client);

        JsonElement choice = (await host.AnswerAsync(Body.Replace(",\"top_logprobs\":3", ""))).GetProperty("choices")[0];

        choice.GetProperty("logprobs").GetProperty("content").EnumerateArray().Should().NotBeEmpty()
            .And.AllSatisfy(token => token.GetProperty("top_logprobs").GetArrayLength().Should().Be(0));
    }

    [Fact]
    public async Task LogProbs_OfSpecialTokens_AreNotToldForTheyAreNoText()
    {
        ScriptedModel model = new([.. ScriptedChat.Ids(" rye"), ScriptedChat.EndOfText, .. ScriptedChat.Ids(" bread"), ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model);
        await using ChatHost host = await ChatHost.StartAsync(client);

        JsonElement choice = (await host.AnswerAsync(Body)).GetProperty("choices")[0];

        choice.GetProperty("message").GetProperty("content").GetString().Should().Be(" rye bread");
        string.Concat(choice.GetProperty("logprobs").GetProperty("content").EnumerateArray().Select(token => token.GetProperty("token").GetString()))
            .Should().Be(" rye bread");
    }

    private static bool IsNear(double one, double other) => Math.Abs(one - other) < Tolerance;
}
