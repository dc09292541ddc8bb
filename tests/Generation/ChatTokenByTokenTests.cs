using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>When each part of a stream comes, with a model whose answer is written down: after which of its tokens, and with what.</summary>
public sealed class ChatTokenByTokenTests
{
    private const string Answer = "One rye loaf is four euros.";

    [Theory]
    [InlineData(Answer)]
    [InlineData("Kr\u00E4ftig: \u9762\u5305!")]
    [InlineData("\uD83E\uDD56\uD83E\uDD56")]
    public async Task Stream_EveryUpdate_ComesWithTheTokenThatCompletesIt(string text)
    {
        int[] script = ScriptedChat.Ids(text);
        ScriptedModel model = new([.. script, ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model, ScriptedChat.Greedy with { MaxNewTokens = 99 });

        List<(int Tokens, string Text)> updates = await Timed(client);

        updates.SkipLast(1).Should().Equal(Expected(script));
        updates[^1].Should().Be((script.Length + 1, ""), "usage comes when the end token has been read");
        model.Sequences.Should().HaveCount(script.Length + 1, "nothing is read behind it");
    }

    [Theory]
    [InlineData("e loaf.", "One ry")]
    [InlineData("loaf", "One rye ")]
    [InlineData("rye loaf.\n", "One rye loaf.")]
    [InlineData(".", "One rye loaf")]
    [InlineData("ne rye", "O")]
    public async Task Stream_StopSequenceOverSeveralTokens_IsHeldUntilItIsKnown(string stop, string text)
    {
        int[] script = ScriptedChat.Ids("One rye loaf.");
        ScriptedModel model = new([.. script, ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model);

        List<(int Tokens, string Text)> updates = await Timed(client, new ChatOptions { StopSequences = [stop] });

        string Read(int count) => ScriptedChat.Tokenizer.Decode(script.AsSpan(0, count));
        int end = Enumerable.Range(1, script.Length).FirstOrDefault(count => Read(count).Contains(stop, StringComparison.Ordinal), script.Length + 1);
        List<(int, string)> expected = [];
        int shown = 0;
        for (int count = 1; count <= Math.Min(end, script.Length); count++)
        {
            int known = Known(Read(count), stop);
            if (known > shown)
                expected.Add((count, Read(count)[shown..known]));
            shown = known;
        }
        if (end > script.Length && shown < text.Length)
            expected.Add((end, text[shown..]));
        updates.SkipLast(1).Should().Equal(expected, "everything is shown at once that cannot begin '{0}'", stop);
        string.Concat(expected.Select(update => update.Item2)).Should().Be(text);
        updates[^1].Tokens.Should().Be(end);
        model.Sequences.Should().HaveCount(end, "no token is read behind the one that completes the sequence");
    }

    [Fact]
    public async Task Stream_CancelledBetweenTwoTokens_EndsAndFreesItsPlace()
    {
        ScriptedModel model = new([.. ScriptedChat.Ids(Answer), ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model, new ServingOptions { MostTogether = 1, MostAhead = 1 });
        using CancellationTokenSource cancel = new();
        await using IAsyncEnumerator<ChatResponseUpdate> stream = client.GetStreamingResponseAsync("Hello?", cancellationToken: cancel.Token)
            .GetAsyncEnumerator();
        (await stream.MoveNextAsync()).Should().BeTrue();
        (await stream.MoveNextAsync()).Should().BeTrue();

        cancel.Cancel();

        Func<Task> next = async () => await stream.MoveNextAsync();
        (await next.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(cancel.Token);
        (await stream.MoveNextAsync()).Should().BeFalse("the stream has ended");
        (await client.GetResponseAsync("Hello?")).Text.Should().Be(Answer);
        client.GetService<ServingStatus>()!.ReusedTokens.Should().Be(model.Sequences[0].Length - 1, "the next request gets what the cancelled one has read");
    }

    [Fact]
    public async Task Stream_CancelledWithinAPass_EndsBeforeThePassDoes()
    {
        ScriptedModel model = new([.. ScriptedChat.Ids(Answer), ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model);
        using CancellationTokenSource cancel = new();
        using ManualResetEventSlim ended = new();
        bool inTime = false;
        model.Step = _ =>
        {
            if (model.Sequences.Count < 3)
                return;
            cancel.Cancel();
            inTime = ended.Wait(TimeSpan.FromSeconds(20));
        };
        List<string> shown = [];

        Func<Task> read = async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Hello?", cancellationToken: cancel.Token))
                shown.Add(update.Text);
        };

        (await read.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(cancel.Token);
        ended.Set();
        shown.Should().HaveCountLessThanOrEqualTo(2, "the third token was never made");
        client.Dispose();
        inTime.Should().BeTrue("it did not wait for the pass");
        model.Sequences.Should().HaveCount(3, "its place is free");
    }

    [Fact]
    public async Task Stream_AlreadyCancelled_ReadsNothing()
    {
        ScriptedModel model = new(ScriptedChat.Ids(Answer));
        using IChatClient client = ScriptedChat.Client(model);

        Func<Task> read = () => client.GetResponseAsync("Hello?", cancellationToken: new CancellationToken(canceled: true));

        await read.Should().ThrowAsync<OperationCanceledException>();
        model.Sequences.Should().BeEmpty();
    }

    [Theory]
    [InlineData("end token", "stop")]
    [InlineData("end token as the last allowed", "stop")]
    [InlineData("end text", "stop")]
    [InlineData("stop sequence", "stop")]
    [InlineData("stop sequence with the last allowed token", "stop")]
    [InlineData("stop sequence in what is left at the end", "stop")]
    [InlineData("most tokens", "length")]
    [InlineData("most tokens before the end token", "length")]
    [InlineData("beginning of a stop sequence with the last allowed token", "length")]
    [InlineData("end of the context", "length")]
    [InlineData("special token that ends nothing", "length")]
    public async Task Stream_Ends_ForItsReason(string end, string reason)
    {
        int[] words = ScriptedChat.Ids("One rye loaf."), bread = ScriptedChat.Ids("\uD83E\uDD56");
        int prompt = ScriptedChat.Ids("<|im_start|>user\nHello?<|im_end|>\n<|im_start|>assistant\n").Length;
        (int[] script, int most, string? stop, int positions) = end switch
        {
            "end token" => ([.. words, ScriptedChat.End], 99, null, 512),
            "end token as the last allowed" => ([.. words, ScriptedChat.End], words.Length + 1, null, 512),
            "end text" => ([.. words, .. ScriptedChat.Ids("\nUser:")], 99, null, 512),
            "stop sequence" => (words, 99, "loaf", 512),
            "stop sequence with the last allowed token" => (words, words.Length, ".", 512),
            "stop sequence in what is left at the end" => (bread, bread.Length - 1, "\uFFFD", 512),
            "most tokens" => (words, words.Length, null, 512),
            "most tokens before the end token" => ([.. words, ScriptedChat.End], words.Length, null, 512),
            "beginning of a stop sequence with the last allowed token" => (words, words.Length, ".\n", 512),
            "end of the context" => (words, 99, null, prompt + 2),
            "special token that ends nothing" => ((int[])[ScriptedChat.EndOfText, ScriptedChat.EndOfText], 2, (string?)null, 512),
            _ => throw new ArgumentException(end),
        };
        using IChatClient client = ScriptedChat.Client(
            new ScriptedModel(script, positions), ScriptedChat.Greedy with { MaxNewTokens = most }, endTexts: "\nUser:");

        List<ChatResponseUpdate> updates = await client.Updates(stop is null ? null : new ChatOptions { StopSequences = [stop] });

        updates[^1].FinishReason.Should().Be(new ChatFinishReason(reason));
        updates.Count(update => update.FinishReason is not null).Should().Be(1, "the last update says it");
        UsageDetails usage = updates[^1].Contents.OfType<UsageContent>().Single().Details;
        usage.OutputTokenCount.Should().BeLessThanOrEqualTo(Math.Min(most, positions - prompt), "neither limit is passed");
    }

    [Fact]
    public async Task Stream_LastUpdate_CountsPromptAndEveryTokenOnce()
    {
        int[] script = [.. ScriptedChat.Ids("One"), ScriptedChat.EndOfText, .. ScriptedChat.Ids(" rye loaf."), ScriptedChat.End];
        ScriptedModel model = new(script);
        using IChatClient client = ScriptedChat.Client(model);

        List<ChatResponseUpdate> updates = await client.Updates();

        updates.SkipLast(1).SelectMany(update => update.Contents).Should().AllBeOfType<TextContent>();
        UsageDetails usage = updates[^1].Contents.Should().ContainSingle().Which.Should().BeOfType<UsageContent>().Which.Details;
        int prompt = model.Sequences[0].Length;
        (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount).Should().Be(
            (prompt, script.Length, prompt + script.Length), "tokens that are not shown were made all the same");
    }

    [Fact]
    public async Task Stream_EveryStep_ReadsThePromptAndWhatWasMade()
    {
        int[] script = ScriptedChat.Ids(Answer);
        ScriptedModel model = new([.. script, ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model);

        await client.Updates();

        model.Sequences.Should().HaveCount(script.Length + 1);
        for (int i = 1; i < model.Sequences.Count; i++)
            model.Sequences[i].Should().Equal([.. model.Sequences[0], .. script[..i]]);
    }

    /// <summary>The updates' texts, each with the number of tokens that had been made when it came, as the log-probs tell.</summary>
    private static async Task<List<(int Tokens, string Text)>> Timed(IChatClient client, ChatOptions? options = null)
    {
        List<(int, string)> updates = [];
        int made = 0;
        options ??= new ChatOptions();
        options.AdditionalProperties = new() { [GenerationOptions.TopLogProbsProperty] = 0 };
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Hello?", options))
        {
            if (update.AdditionalProperties?.TryGetValue(GenerationOptions.LogProbsProperty, out object? tokens) == true)
                made += ((IReadOnlyList<TokenLogProb>)tokens!).Count;
            updates.Add((made, update.Text));
        }
        return updates;
    }

    /// <summary>The texts that whole characters make, with the token that completes each.</summary>
    private static IEnumerable<(int Tokens, string Text)> Expected(int[] script)
    {
        string before = "";
        for (int count = 1; count <= script.Length; count++)
        {
            string now = ScriptedChat.Tokenizer.Decode(script.AsSpan(0, count)).TrimEnd('\uFFFD');
            if (now.Length > before.Length)
                yield return (count, now[before.Length..]);
            before = now;
        }
    }

    /// <summary>How much of a text can be shown: up to the sequence, or up to what may become it.</summary>
    private static int Known(string text, string stop)
    {
        for (int at = 0; at < text.Length; at++)
        {
            string rest = text[at..];
            if (rest.StartsWith(stop, StringComparison.Ordinal) || stop.StartsWith(rest, StringComparison.Ordinal))
                return at;
        }
        return text.Length;
    }
}
