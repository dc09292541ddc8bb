using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Who gets a place, who waits, who is refused, and whom a fault or a slow reader costs something, with a model that is written down.</summary>
public class ServingTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(30);
    private static readonly int[] s_words = ScriptedChat.Ids("One rye loaf is four euros, one white loaf three.");

    [Fact]
    public async Task Requests_ThatOverlap_AreDecodedInOnePass()
    {
        using Gate gate = new();
        ScriptedModel model = new([.. s_words, ScriptedChat.End]) { Pass = gate.Enter };
        using IChatClient client = ScriptedChat.Client(model);
        Task<ChatResponse>[] answers = [.. Enumerable.Range(0, 8).Select(i => client.GetResponseAsync($"{i}?"))];
        await Until(() => Status(client).Decoding + Status(client).Waiting == 8);

        gate.Open();
        await Task.WhenAll(answers).WaitAsync(s_soon);

        model.Passes.Max().Should().Be(8);
        model.Passes.Count.Should().BeLessThan(3 * s_words.Length, "one after the other they take 8 times as many");
    }

    [Fact]
    public async Task Requests_BeyondTheirPlaces_WaitInTheOrderInWhichTheyCame()
    {
        using Gate gate = new();
        ScriptedModel model = new([.. s_words, ScriptedChat.End]) { Pass = gate.Enter };
        using IChatClient client = ScriptedChat.Client(model, new ServingOptions { MostTogether = 2 });
        List<Task> answers = [];
        for (int i = 0; i < 7; i++)
        {
            int number = i;
            answers.Add(client.GetResponseAsync($"{number}?"));
            await Until(() => Status(client).Waiting + Status(client).Decoding == number + 1);
        }

        gate.Open();
        await Task.WhenAll(answers).WaitAsync(s_soon);

        model.Passes.Max().Should().Be(2);
        string[] began = [.. model.Sequences.Select(sequence => ScriptedChat.Tokenizer.Decode(sequence)).Where(text => text.EndsWith("assistant\n",
            StringComparison.Ordinal)).Select(text => text[text.IndexOf("user\n", StringComparison.Ordinal)..].Substring(5, 1))];
        began.Should().Equal("0", "1", "2", "3", "4", "5", "6");
    }

    [Fact]
    public async Task Requests_BeyondThoseThatMayWait_AreRefused()
    {
        using Gate gate = new();
        ScriptedModel model = new([.. s_words, ScriptedChat.End]) { Pass = gate.Enter };
        using IChatClient client = ScriptedChat.Client(model, new ServingOptions { MostTogether = 1, MostWaiting = 2 });
        using CancellationTokenSource cancel = new();
        Task<ChatResponse> first = client.GetResponseAsync("0?"), second = client.GetResponseAsync("1?", cancellationToken: cancel.Token);
        Task<ChatResponse> third = client.GetResponseAsync("2?");

        Func<Task> fourth = () => client.GetResponseAsync("3?");
        (await fourth.Should().ThrowAsync<TooManyRequestsException>().WithMessage("*2 requests wait*MostWaiting*")).Which.Waiting.Should().Be(2);
        cancel.Cancel();
        await FluentActions.Awaiting(() => second).Should().ThrowAsync<OperationCanceledException>();
        Task<ChatResponse> fifth = client.GetResponseAsync("4?");

        gate.Open();
        await Task.WhenAll(first, third, fifth).WaitAsync(s_soon);
        (await client.GetResponseAsync("5?").WaitAsync(s_soon)).Text.Should().NotBeEmpty("there is room again");
        model.Sequences.Should().NotContain(sequence => ScriptedChat.Tokenizer.Decode(sequence).Contains("1?"), "who left while he waited was not read");
    }

    [Fact]
    public async Task MostWaiting_Zero_TakesAsManyAsHavePlaces()
    {
        using Gate gate = new();
        ScriptedModel model = new([.. s_words, ScriptedChat.End]) { Pass = gate.Enter };
        using IChatClient client = ScriptedChat.Client(model, new ServingOptions { MostTogether = 2, MostWaiting = 0 });
        Task<ChatResponse>[] answers = [client.GetResponseAsync("0?"), client.GetResponseAsync("1?")];

        await FluentActions.Awaiting(() => client.GetResponseAsync("2?")).Should().ThrowAsync<TooManyRequestsException>();

        gate.Open();
        await Task.WhenAll(answers).WaitAsync(s_soon);
    }

    [Fact]
    public async Task Reader_ThatStops_GivesUpHisPlaceAndCanReadOn()
    {
        ScriptedModel model = new([.. s_words, ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model, new ServingOptions { MostTogether = 1, MostAhead = 2, KeptMegabytes = 0 });
        ChatResponse first = await client.GetResponseAsync("Slow?");
        (string alone, int scored) = (first.Text, model.Sequences.Count);
        await using IAsyncEnumerator<ChatResponseUpdate> slow = client.GetStreamingResponseAsync("Slow?").GetAsyncEnumerator();
        (await slow.MoveNextAsync().AsTask().WaitAsync(s_soon)).Should().BeTrue();
        await Until(() => Rests(client));
        (model.Sequences.Count - scored).Should().Be(3, "it is made two updates ahead, and no further");

        for (int i = 0; i < 3; i++)
            (await client.GetResponseAsync($"Fast {i}?").WaitAsync(s_soon)).Text.Should().Be(alone);

        string text = slow.Current.Text;
        while (await slow.MoveNextAsync().AsTask().WaitAsync(s_soon))
            text += slow.Current.Text;
        text.Should().Be(alone, "what was dropped was read again");
    }

    [Fact]
    public async Task Reader_ThatStops_KeepsNoCacheBeyondTheBound()
    {
        ScriptedModel model = new([.. s_words, ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model, new ServingOptions { MostAhead = 1, KeptMegabytes = 0 });
        IAsyncEnumerator<ChatResponseUpdate> slow = client.GetStreamingResponseAsync("Slow?").GetAsyncEnumerator();
        await slow.MoveNextAsync();

        await Until(() => Rests(client) && model.LivingCaches == 0);

        await slow.DisposeAsync();
    }

    [Fact]
    public async Task PassThatFails_IsTriedForEachAloneSoThatOneFaultIsOneRequests()
    {
        using Gate gate = new();
        ScriptedModel model = new([.. s_words, ScriptedChat.End]) { Pass = gate.Enter };
        model.Step = sequence =>
        {
            if (ScriptedChat.Tokenizer.Decode(sequence).Contains("Bad", StringComparison.Ordinal) && sequence.Length > 18)
                throw new InvalidDataException("It cannot be read.");
        };
        using IChatClient client = ScriptedChat.Client(model, ScriptedChat.Greedy with { MaxNewTokens = 40 });
        Task<ChatResponse>[] answers = [.. ((string[])["One?", "Bad?", "Two?"]).Select(question => client.GetResponseAsync(question))];

        gate.Open();

        await FluentActions.Awaiting(() => answers[1].WaitAsync(s_soon)).Should().ThrowAsync<InvalidDataException>();
        string alone = (await client.GetResponseAsync("One?")).Text;
        alone.Should().NotBeEmpty();
        (await answers[0].WaitAsync(s_soon)).Text.Should().Be(alone);
        (await answers[2].WaitAsync(s_soon)).Text.Should().Be(alone);
    }

    [Fact]
    public async Task LogitsThatAreNotFinite_EndTheirOwnRequestOnly()
    {
        using Gate gate = new();
        ScriptedModel model = new(s_words) { Pass = gate.Enter };
        model.Scores = sequence =>
        {
            float[] logits = new float[1024];
            bool isBad = ScriptedChat.Tokenizer.Decode(sequence).Contains("Bad", StringComparison.Ordinal);
            int place = sequence.Length - sequence.AsSpan().LastIndexOf(ScriptedChat.Start) - ScriptedChat.HeaderLength;
            logits[place == 6 ? ScriptedChat.End : s_words[place]] = isBad && place == 3 ? float.NaN : 1;
            return logits;
        };
        using IChatClient client = ScriptedChat.Client(model);
        Task<ChatResponse>[] answers = [.. ((string[])["One?", "Bad?", "Two?"]).Select(question => client.GetResponseAsync(question))];

        gate.Open();

        await FluentActions.Awaiting(() => answers[1].WaitAsync(s_soon)).Should().ThrowAsync<NotFiniteNumberException>();
        (await answers[0].WaitAsync(s_soon)).Text.Should().Be(ScriptedChat.Tokenizer.Decode(s_words.AsSpan(0, 6)));
        (await answers[2].WaitAsync(s_soon)).Text.Should().Be(ScriptedChat.Tokenizer.Decode(s_words.AsSpan(0, 6)));
        await Until(() => Rests(client));
    }

    [Fact]
    public async Task Prompts_ThatBeginAlikeAtOnce_AreReadOnceUpToWhereTheyPart()
    {
        using Gate gate = new();
        ScriptedModel model = new([.. s_words, ScriptedChat.End], positions: 2048) { Pass = gate.Enter };
        using IChatClient client = ScriptedChat.Client(model);
        string system = string.Concat(Enumerable.Repeat("You sell bread. ", 60));
        int length = ScriptedChat.Ids(system).Length;
        Task<ChatResponse>[] answers =
            [.. Enumerable.Range(0, 6).Select(i => client.GetResponseAsync([new(ChatRole.System, system), new(ChatRole.User, $"{i}?")]))];
        await Until(() => Status(client).Decoding + Status(client).Waiting == 6);

        gate.Open();
        await Task.WhenAll(answers).WaitAsync(s_soon);

        length.Should().BeGreaterThan(200);
        model.Tokens.Should().BeLessThan(2 * length + 6 * 60);
        Status(client).ReusedTokens.Should().BeGreaterThanOrEqualTo(5 * length);
    }

    [Fact]
    public async Task LongPrompt_BesideAnswers_IsReadInPartsBetweenTheirTokens()
    {
        using Gate gate = new();
        ScriptedModel model = new([.. Enumerable.Repeat(s_words[0], 400)], positions: 4096);
        using IChatClient client = ScriptedChat.Client(model, new ServingOptions { MostAhead = 1000 }, ScriptedChat.Greedy with { MaxNewTokens = 300 });
        List<int> tokens = [];
        int before = 0;
        model.Pass = sequences =>
        {
            tokens.Add(model.Tokens - before);
            before = model.Tokens;
            if (tokens.Count == 20)
                gate.Enter(sequences);
        };
        Task<ChatResponse> streaming = client.GetResponseAsync("Hello?");
        await Until(() => tokens.Count == 20);
        string text = string.Concat(Enumerable.Repeat("You sell bread. ", 200));
        Task<ChatResponse> newcomer = client.GetResponseAsync(text, new ChatOptions { MaxOutputTokens = 1 });

        gate.Open();
        await Task.WhenAll(streaming, newcomer).WaitAsync(s_soon);

        tokens.Skip(20).Max().Should().BeInRange(60, 65, "a part of the prompt, and the other's token");
        (await newcomer).Usage!.InputTokenCount.Should().BeGreaterThan(500);
    }

    [Fact]
    public async Task Sequence_ThatGrowsBeyondTheOriginalContext_IsReadAnewOnce()
    {
        int[] script = [.. Enumerable.Repeat(s_words[0], 20)];
        int prompt = ScriptedChat.Ids("<|im_start|>user\nHello?<|im_end|>\n<|im_start|>assistant\n").Length;
        ScriptedModel model = new(script) { OriginalPositions = prompt + 5 };
        using IChatClient client = ScriptedChat.Client(model);

        ChatResponse answer = await client.GetResponseAsync("Hello?");

        answer.Usage!.OutputTokenCount.Should().Be(20);
        model.Tokens.Should().Be(prompt + 5 + prompt + 6 + 13, "with the sixth token of the answer, all before it are read again, and once");
        int before = model.Tokens;
        await client.GetResponseAsync("Hello?", new ChatOptions { MaxOutputTokens = 1 });
        (model.Tokens - before).Should().Be(prompt, "what was read for a longer one is no use for it");
    }

    [Fact]
    public async Task Clients_OfOneModel_ShareItsPlaces()
    {
        using PretrainedModel model = SmallModel.Create();
        using IChatClient first = model.AsChatClient(GenerationOptions.Greedy with { MaxNewTokens = 5 }), second = model.AsChatClient();
        using IChatClient apart = model.AsChatClient(null, new ServingOptions { MostTogether = 3 });

        await first.GetResponseAsync("Hello?");

        Status(second).Should().Be(Status(first));
        Status(first).ReadTokens.Should().BePositive();
        Status(apart).ReadTokens.Should().Be(0, "its options are others");
        apart.GetService<ServingOptions>()!.MostTogether.Should().Be(3);
        first.GetService<ServingOptions>().Should().Be(new ServingOptions());
    }

    [Fact]
    public async Task Client_DisposedBesideAnotherOfTheSameModel_EndsItsOwnAnswersOnly()
    {
        using PretrainedModel model = SmallModel.Create();
        IChatClient first = model.AsChatClient(GenerationOptions.Greedy with { MaxNewTokens = 800 }, new ServingOptions { MostAhead = 1000 });
        using IChatClient second = model.AsChatClient(GenerationOptions.Greedy with { MaxNewTokens = 30 }, new ServingOptions { MostAhead = 1000 });
        string alone = (await second.GetResponseAsync("And?")).Text;
        IAsyncEnumerator<ChatResponseUpdate> stream = first.GetStreamingResponseAsync("Hello?").GetAsyncEnumerator();
        await stream.MoveNextAsync();
        Task<ChatResponse> other = second.GetResponseAsync("And?");

        first.Dispose();

        await FluentActions.Awaiting(async () => await stream.MoveNextAsync().AsTask().WaitAsync(s_soon)).Should().ThrowAsync<ObjectDisposedException>();
        (await other.WaitAsync(s_soon)).Text.Should().Be(alone);
        await Until(() => Rests(second));
        (await second.GetResponseAsync("And?").WaitAsync(s_soon)).Text.Should().Be(alone, "the weights are still there");
    }

    [Theory]
    [InlineData("MostTogether is 0; it must be at least 1", 0, null, 1, 0)]
    [InlineData("MostWaiting is -1; it must be 0 or more, or null*", 1, -1, 1, 0)]
    [InlineData("MostAhead is 0; it must be at least 1", 1, 0, 0, 0)]
    [InlineData("KeptMegabytes is -1; it must be 0 or more*", 1, null, 1, -1)]
    [InlineData("MostTogether is -3; *; MostAhead is 0; *", -3, null, 0, 0)]
    public void Options_OutOfRange_AreNamed(string fault, int together, int? waiting, int ahead, int kept)
    {
        using PretrainedModel model = SmallModel.Create();
        ServingOptions options = new() { MostTogether = together, MostWaiting = waiting, MostAhead = ahead, KeptMegabytes = kept };

        FluentActions.Invoking(() => model.AsChatClient(null, options)).Should().Throw<ArgumentException>()
            .WithMessage($"The serving options are not valid: {fault}*");
    }

    private static ServingStatus Status(IChatClient client) => client.GetService<ServingStatus>()!;

    private static bool Rests(IChatClient client) => Status(client) is { Decoding: 0, Waiting: 0 };

    private static async Task Until(Func<bool> condition)
    {
        for (int i = 0; !condition(); i++)
        {
            i.Should().BeLessThan(6000);
            await Task.Delay(5);
        }
    }

    /// <summary>Holds the first pass up until it is opened.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly ManualResetEventSlim _open = new();

        public void Enter(int sequences) => _open.Wait(s_soon).Should().BeTrue();

        public void Open() => _open.Set();

        public void Dispose() => _open.Dispose();
    }
}
