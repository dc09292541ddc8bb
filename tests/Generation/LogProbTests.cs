using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Log-probs of an answer's tokens: whose, how many, where they stand, and what is refused.</summary>
public class LogProbTests
{
    private static readonly int s_a = ScriptedChat.Ids("a").Single(), s_b = ScriptedChat.Ids("b").Single(), s_c = ScriptedChat.Ids("c").Single();

    [Fact]
    public async Task TopLogProbs_Asked_AreThoseOfTheModelsOwnDistribution()
    {
        double normaliser = Math.Log(Math.Exp(9) + Math.Exp(8) + Math.Exp(6) + 1021);
        using IChatClient client = ScriptedChat.Client(Model());

        // b is drawn for its penalties and temperature; what the model held of it is not changed by them
        ChatResponse answer = await client.GetResponseAsync("a a", new ChatOptions
        {
            AdditionalProperties = new() { [GenerationOptions.TopLogProbsProperty] = 2 }, PresencePenalty = 1.5f, MaxOutputTokens = 2, Temperature = 1e-6f,
        });

        answer.Text.Should().Be("ab");
        IReadOnlyList<TokenLogProb> made = Of(answer.AdditionalProperties)!;
        made.Select(token => (token.Id, token.Text, token.IsSpecial)).Should().Equal((s_a, "a", false), (s_b, "b", false));
        made.Select(token => token.LogProb).Should().BeEquivalentTo([9 - normaliser, 8 - normaliser],
            options => options.WithStrictOrdering().Using<double>(d => d.Subject.Should().BeApproximately(d.Expectation, 1e-9)).WhenTypeIs<double>());
        made.Should().OnlyContain(token => token.Top.Select(top => top.Id).SequenceEqual(new[] { s_a, s_b }));
        made[1].Top.Select(top => top.LogProb).Should().Equal(made.Select(token => token.LogProb), "both steps have the same distribution");
        made[0].Bytes.ToArray().Should().Equal((byte)'a');
        answer.Messages.Should().OnlyContain(message => message.AdditionalProperties == null || message.AdditionalProperties.Count == 0);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 3)]
    [InlineData(int.MaxValue, 1024)] // all that there are
    public async Task TopLogProbs_Number_IsHowManyAreNamed(int asked, int named)
    {
        using IChatClient client = ScriptedChat.Client(Model(), ScriptedChat.Greedy with { TopLogProbs = asked, MaxNewTokens = 1 });

        ChatResponse answer = await client.GetResponseAsync("?");

        IReadOnlyList<TokenLogProb> top = Of(answer.AdditionalProperties)!.Single().Top;
        top.Should().HaveCount(named);
        top.Take(3).Select(token => token.Id).Should().Equal(((int[])[s_a, s_b, s_c]).Take(named));
        top.Should().NotContain(token => token.Top.Count > 0);
    }

    [Fact]
    public async Task TopLogProbs_OfAnUpdate_AreOfItsTokensAndEachComesOnce()
    {
        int[] script = [.. ScriptedChat.Ids("One"), ScriptedChat.EndOfText, .. ScriptedChat.Ids(" 🥖!"), ScriptedChat.End];
        using IChatClient client = ScriptedChat.Client(new ScriptedModel(script), ScriptedChat.Greedy with { TopLogProbs = 0 });

        List<ChatResponseUpdate> updates = await client.Updates();

        updates.SelectMany(update => Of(update.AdditionalProperties) ?? []).Select(token => token.Id).Should().Equal(script);
        foreach (ChatResponseUpdate update in updates.SkipLast(1))
        {
            byte[] bytes = [.. Of(update.AdditionalProperties)!.Where(token => !token.IsSpecial).SelectMany(token => token.Bytes.ToArray())];
            System.Text.Encoding.UTF8.GetString(bytes).Should().Be(update.Text, "it stands with the text that its tokens make");
        }
        TokenLogProb end = Of(updates[^1].AdditionalProperties)!.Single();
        (end.Id, end.IsSpecial, end.Text).Should().Be((ScriptedChat.End, true, "<|im_end|>"));
    }

    [Fact]
    public async Task TopLogProbs_OfReasoningThatIsNotGivenOut_AreNotEither()
    {
        int[] script = [.. ScriptedChat.Ids("<think>secret</think>Open."), ScriptedChat.End];
        using IChatClient client = ScriptedChat.Client(new ScriptedModel(script), ScriptedChat.Greedy with { TopLogProbs = 0, MaxNewTokens = 60 });

        List<ChatResponseUpdate> updates = await client.Updates(new ChatOptions { Reasoning = new() { Output = ReasoningOutput.None } });

        TokenLogProb[] told = [.. updates.SelectMany(update => Of(update.AdditionalProperties) ?? [])];
        string.Concat(told.Select(token => token.Text)).Should().EndWith("Open.<|im_end|>");
        told.Select(token => token.Id).Should().NotIntersectWith(ScriptedChat.Ids("secret"));
    }

    [Fact]
    public async Task TopLogProbs_NotAsked_AreNowhere()
    {
        using IChatClient client = ScriptedChat.Client(Model(), ScriptedChat.Greedy with { MaxNewTokens = 3 });

        (await client.Updates()).Should().OnlyContain(update => update.AdditionalProperties == null);
        (await client.GetResponseAsync("?")).AdditionalProperties.Should().BeNull();
    }

    public static TheoryData<string> Taken => ["int", "long", "json"];

    [Theory]
    [MemberData(nameof(Taken))]
    public async Task TopLogProbs_WholeNumberOfAnyKind_IsTaken(string kind)
    {
        using JsonDocument json = JsonDocument.Parse("1");
        object value = kind switch { "int" => 1, "long" => 1L, _ => json.RootElement };
        using IChatClient client = ScriptedChat.Client(Model(), ScriptedChat.Greedy with { MaxNewTokens = 1 });

        ChatResponse answer = await client.GetResponseAsync("?", new ChatOptions { AdditionalProperties = new() { ["top_logprobs"] = value } });

        Of(answer.AdditionalProperties)!.Single().Top.Should().ContainSingle();
    }

    public static TheoryData<object?> Refused => [-1, -1L, long.MaxValue, 1.5, "2", true, null];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task TopLogProbs_AnythingElse_IsRefusedByItsName(object? value)
    {
        using IChatClient client = ScriptedChat.Client(Model());

        Func<Task> ask = () => client.GetResponseAsync("?", new ChatOptions { AdditionalProperties = new() { ["top_logprobs"] = value } });

        await ask.Should().ThrowAsync<ArgumentException>().WithMessage($"*'top_logprobs' is {value ?? "null"}; it must be a whole number*");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(300)]
    [InlineData(400)]
    public void LikeliestTokens_Any_AreInOrderAndOfEqualOnesTheFirst(int count)
    {
        Random random = new(count);
        float[] logits = [.. Enumerable.Range(0, 400).Select(_ => random.Next(-20, 20) / 4f)];
        logits[3] = -0f;
        logits[1] = 0f;

        int[] expected = [.. Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id]).ThenBy(id => id).Take(count)];

        new LikeliestTokens().Of(logits, count).ToArray().Should().Equal(expected);
    }

    private static ScriptedModel Model() => new([s_a])
    {
        Logits = _ =>
        {
            float[] logits = new float[1024];
            (logits[s_a], logits[s_b], logits[s_c]) = (9, 8, 6);
            return logits;
        },
    };

    private static IReadOnlyList<TokenLogProb>? Of(AdditionalPropertiesDictionary? properties) =>
        properties?.TryGetValue(GenerationOptions.LogProbsProperty, out object? made) == true ? (IReadOnlyList<TokenLogProb>)made! : null;
}
