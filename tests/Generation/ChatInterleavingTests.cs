using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Several requests of one client at once: each gets the answer that it gets alone.</summary>
public sealed class ChatInterleavingTests : IDisposable
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(60);

    private static readonly string[] s_questions =
    [
        "How much is the rye loaf?", "When do you open?", "Do you have poppy seed rolls?", "Is the cheese cake fresh?",
        "What is in the seed bread?", "Hello", "And on Sundays?",
    ];

    private readonly PretrainedModel _model = PretrainedModel.Load(SmallModel.TokenizerFolder);
    private readonly IChatClient _client;

    public ChatInterleavingTests() => _client = _model.AsChatClient(GenerationOptions.Greedy with { MaxNewTokens = 30 });

    [Fact]
    public async Task Request_InsideAStreamOfTheSameClient_IsAnsweredAndTheStreamGoesOn()
    {
        string outerAlone = await Alone(s_questions[0]), innerAlone = await Alone(s_questions[1]);
        string outer = "";
        List<string> inner = [];

        await foreach (ChatResponseUpdate update in _client.GetStreamingResponseAsync(s_questions[0]))
        {
            outer += update.Text;
            if (inner.Count < 3)
                inner.Add((await _client.GetResponseAsync(s_questions[1]).WaitAsync(s_soon)).Text);
        }

        outer.Should().Be(outerAlone);
        inner.Should().OnlyContain(text => text == innerAlone);
    }

    [Fact]
    public async Task Streams_ReadInTurns_GiveWhatEachGivesAlone()
    {
        List<string> alone = [];
        foreach (string question in s_questions)
            alone.Add(await Alone(question));
        List<IAsyncEnumerator<ChatResponseUpdate>> streams =
            [.. s_questions.Select(question => _client.GetStreamingResponseAsync(question).GetAsyncEnumerator())];
        string[] texts = [.. s_questions.Select(_ => "")];
        HashSet<int> open = [.. Enumerable.Range(0, streams.Count)];

        while (open.Count > 0)
        {
            foreach (int i in open.ToArray())
            {
                if (await streams[i].MoveNextAsync().AsTask().WaitAsync(s_soon))
                    texts[i] += streams[i].Current.Text;
                else
                    open.Remove(i);
            }
        }

        texts.Should().Equal(alone, "more streams than there are caches read theirs again");
        alone.Distinct().Should().HaveCountGreaterThan(3, "else this shows nothing");
        foreach (IAsyncEnumerator<ChatResponseUpdate> stream in streams)
            await stream.DisposeAsync();
    }

    [Fact]
    public async Task Requests_FromManyThreads_GiveWhatEachGivesAlone()
    {
        Dictionary<string, string> alone = [];
        foreach (string question in s_questions)
            alone[question] = await Alone(question);

        string[] together = await Task.WhenAll(s_questions.Select(question => Task.Run(() => Alone(question)))).WaitAsync(s_soon);

        together.Should().Equal(s_questions.Select(question => alone[question]));
    }

    [Fact]
    public async Task AbandonedStreams_HoldUpNothing()
    {
        string alone = await Alone(s_questions[2]);
        List<IAsyncEnumerator<ChatResponseUpdate>> abandoned = [];
        for (int i = 0; i < 20; i++)
        {
            IAsyncEnumerator<ChatResponseUpdate> stream = _client.GetStreamingResponseAsync(s_questions[i % s_questions.Length]).GetAsyncEnumerator();
            await stream.MoveNextAsync().AsTask().WaitAsync(s_soon);
            abandoned.Add(stream);
        }

        (await _client.GetResponseAsync(s_questions[2]).WaitAsync(s_soon)).Text.Should().Be(alone);
        string late = "";
        IAsyncEnumerator<ChatResponseUpdate> first = abandoned[2];
        do
            late += first.Current.Text;
        while (await first.MoveNextAsync().AsTask().WaitAsync(s_soon));
        late.Should().Be(alone, "a stream that lost its cache can still be read on");
    }

    [Fact]
    public async Task AbandonedStreams_ShareFewCaches()
    {
        ScriptedModel model = new([.. ScriptedChat.Ids("One rye loaf is four euros.")]);
        using IChatClient client = ScriptedChat.Client(model, new ServingOptions { MostTogether = 2, MostAhead = 3, KeptMegabytes = 4 });
        for (int i = 0; i < 30; i++)
            await client.GetStreamingResponseAsync($"Question {i}?").GetAsyncEnumerator().MoveNextAsync();

        SpinWait.SpinUntil(() => client.GetService<ServingStatus>() is { Decoding: 0, Waiting: 0 }, s_soon).Should().BeTrue("they rest when they are ahead");
        (await client.GetResponseAsync("And?")).Text.Should().StartWith("One rye loaf");
        model.Caches.Should().BeGreaterThanOrEqualTo(30);
        SpinWait.SpinUntil(() => model.LivingCaches <= 4, s_soon).Should().BeTrue("a cache counts as 256 tokens at least");
        client.GetService<ServingStatus>()!.KeptBytes.Should().Be(4 << 20);
    }

    [Fact]
    public async Task Requests_ThatBeginAlike_ReadTheirBeginningOnce()
    {
        ScriptedModel model = new([.. ScriptedChat.Ids("One rye loaf."), ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model);
        await client.GetResponseAsync("Question 0?");
        int first = model.Tokens;

        for (int i = 1; i < 5; i++)
            await client.GetResponseAsync($"Question {i}?");

        int same = ScriptedChat.Ids("<|im_start|>user\nQuestion").Length;
        model.Tokens.Should().BeLessThanOrEqualTo(5 * first - 4 * same);
        client.GetService<ServingStatus>()!.Should().Match<ServingStatus>(status => status.ReadTokens == model.Tokens && status.ReusedTokens >= 4 * same
            && status.Passes == model.Passes.Count && status.Decoding == 0 && status.Waiting == 0);
    }

    [Fact]
    public async Task Cancellation_WhileAnotherRequestRuns_EndsTheOneOnly()
    {
        ScriptedModel model = new([.. ScriptedChat.Ids("One rye loaf is four euros."), ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model);
        using ManualResetEventSlim running = new(), goOn = new();
        model.Step = _ =>
        {
            running.Set();
            goOn.Wait(s_soon);
        };
        using CancellationTokenSource cancel = new();
        Task<ChatResponse> first = client.GetResponseAsync("Hello?");
        running.Wait(s_soon);
        Task<ChatResponse> waiting = client.GetResponseAsync("And?", cancellationToken: cancel.Token);

        cancel.Cancel();

        Func<Task> wait = () => waiting.WaitAsync(s_soon);
        OperationCanceledException thrown = (await wait.Should().ThrowAsync<OperationCanceledException>("it waits for nothing")).Which;
        thrown.CancellationToken.Should().Be(cancel.Token);
        goOn.Set();
        (await first.WaitAsync(s_soon)).Text.Should().Be("One rye loaf is four euros.");
        (await client.GetResponseAsync("Again?").WaitAsync(s_soon)).Text.Should().Be("One rye loaf is four euros.");
    }

    [Fact]
    public async Task Cancellation_InsideAStream_LeavesTheClientUsable()
    {
        string alone = await Alone(s_questions[0]);
        using CancellationTokenSource cancel = new();

        await FluentActions.Awaiting(async () =>
        {
            await foreach (ChatResponseUpdate _ in _client.GetStreamingResponseAsync(s_questions[0], cancellationToken: cancel.Token))
                cancel.Cancel();
        }).Should().ThrowAsync<OperationCanceledException>();

        (await Alone(s_questions[0])).Should().Be(alone);
    }

    [Fact]
    public async Task Conversation_ThatGoesOn_IsNotReadAgain()
    {
        int[] script = [.. ScriptedChat.Ids("One rye loaf."), ScriptedChat.End];
        ScriptedModel model = new(script);
        using IChatClient client = ScriptedChat.Client(model);
        List<ChatMessage> conversation = [new(ChatRole.User, "Hello?")];
        conversation.AddRange((await client.GetResponseAsync(conversation)).Messages);
        conversation.Add(new(ChatRole.User, "And?"));
        int[] before = model.Sequences[^1];
        int read = model.Tokens;

        await client.GetResponseAsync(conversation);

        int[] prompt = model.Sequences[script.Length];
        prompt.AsSpan().StartsWith(before).Should().BeTrue("what was read begins the new prompt");
        (model.Tokens - read).Should().Be(prompt.Length - before.Length + script.Length - 1);
        model.Caches.Should().Be(1, "it goes on with the cache that it had");
    }

    public void Dispose()
    {
        _client.Dispose();
        _model.Dispose();
    }

    private async Task<string> Alone(string question) => (await _client.GetResponseAsync(question)).Text;
}
