using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>More requests at once than there are caches.</summary>
public class ManyRequestsTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Requests_MoreThanPlaces_ReadTheirTokensOnce()
    {
        int[] answer = [.. Enumerable.Repeat(ScriptedChat.Ids("loaf")[0], 40), ScriptedChat.End];
        ScriptedModel model = new(answer);
        using IChatClient client = ScriptedChat.Client(
            model, new ServingOptions { MostTogether = 4, KeptMegabytes = 0 }, ScriptedChat.Greedy with { MaxNewTokens = 60 });
        const int requests = 10;

        ChatResponse[] answers = await Task.WhenAll(Enumerable.Range(0, requests).Select(i => Task.Run(() => client.GetResponseAsync(
            $"{i}: {string.Concat(Enumerable.Repeat("a rye loaf, please. ", 12))}")))).WaitAsync(s_soon);

        answers.Select(a => a.Text).Distinct().Should().ContainSingle();
        long once = answers.Sum(a => a.Usage!.TotalTokenCount!.Value);
        model.Tokens.Should().BeInRange((int)once / 2, (int)once - requests, "the last token of each is read by nobody, and some begin alike");
        model.Passes.Max().Should().BeInRange(2, 4);
    }

    [Fact]
    public async Task Request_BesideAbandonedStreamsAndOneThatGoesOn_IsAnswered()
    {
        ScriptedModel model = new([.. ScriptedChat.Ids("one two three four five six seven eight nine ten"), ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model);
        List<IAsyncEnumerator<ChatResponseUpdate>> abandoned = [];
        for (int i = 0; i < 4; i++)
        {
            abandoned.Add(client.GetStreamingResponseAsync($"{i}?").GetAsyncEnumerator());
            await abandoned[i].MoveNextAsync();
        }

        ChatResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => client.GetResponseAsync($"{i}!")))).WaitAsync(s_soon);

        answers.Select(a => a.Text).Distinct().Should().ContainSingle();
        (await abandoned[0].MoveNextAsync().AsTask().WaitAsync(s_soon)).Should().BeTrue("it reads its tokens again and goes on");
    }
}
