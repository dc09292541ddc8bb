using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Answers that overlap are those that each request gets alone, of a network, by kernels and by libtorch's operations.</summary>
public sealed class OverlapTests : IDisposable
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(60);
    private static readonly DecodingOptions s_byTorch = new() { UsesKernels = false };

    /// <summary>Eight questions of different lengths, of which some begin alike.</summary>
    private static readonly string[] s_questions =
    [
        "How much is the rye loaf?", "When do you open?", string.Concat(Enumerable.Repeat("Do you have poppy seed rolls? ", 9)), "Hello",
        string.Concat(Enumerable.Repeat("Do you have poppy seed rolls? ", 9)) + "And buns?", "How much is the rye loaf, and the white one?", "And on Sundays?",
        "What is in the seed bread?",
    ];

    private readonly PretrainedModel _model = SmallModel.Create(seed: 5);

    public static TheoryData<bool> Ways => [true, false];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Greedy_EightAtOnce_AreEachTheSameTokensAsAlone(bool kernels)
    {
        string[] alone = await Alone(kernels, GenerationOptions.Greedy with { MaxNewTokens = 40 }, seeds: false);
        alone.Distinct().Should().HaveCountGreaterThan(5, "else this shows nothing");
        using IChatClient client = Client(kernels, GenerationOptions.Greedy with { MaxNewTokens = 40 });

        for (int round = 0; round < 2; round++) // in the second one, most of each is remembered
            (await Together(client, seeds: false)).Should().Equal(alone);

        client.GetService<ServingStatus>()!.ReusedTokens.Should().BeGreaterThan(100);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Sampled_EightAtOnceWithTheirSeeds_AreEachTheSameTokensAsAlone(bool kernels)
    {
        GenerationOptions sampled = new() { MaxNewTokens = 40, Temperature = 1, RepetitionPenalty = 1.1 };
        string[] alone = await Alone(kernels, sampled, seeds: true);
        using IChatClient client = Client(kernels, sampled);

        (await Together(client, seeds: true)).Should().Equal(alone);
    }

    [Fact]
    public async Task LogProbs_EightAtOnceByKernels_AreTheSameBitsAsAlone()
    {
        if (!HasKernels)
            return; // libtorch's products round as their number of rows has it
        GenerationOptions options = GenerationOptions.Greedy with { MaxNewTokens = 20, TopLogProbs = 3 };
        string[] alone = await Alone(kernels: true, options, seeds: false, Numbers);
        using IChatClient client = Client(kernels: true, options);

        (await Together(client, seeds: false, Numbers)).Should().Equal(alone);
        (await Together(client, seeds: false, Numbers)).Should().Equal(alone, "what is remembered is what would be read again");
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task Requests_ThatComeAndGoAtRandom_GetWhatEachGetsAlone(bool kernels, int seed)
    {
        GenerationOptions options = new() { MaxNewTokens = 24, Temperature = 1, TopK = 20 };
        string[] alone = await Alone(kernels, options, seeds: true);
        using IChatClient client = Client(kernels, options, new ServingOptions { MostTogether = 3, MostAhead = 4, KeptMegabytes = 1 });
        Random random = new(seed);
        List<Task> requests = [];
        for (int i = 0; i < 60; i++)
        {
            int question = random.Next(s_questions.Length), leaves = random.Next(3) == 0 ? random.Next(12) : int.MaxValue, pause = random.Next(3);
            requests.Add(Task.Run(async () =>
            {
                string text = "";
                int updates = 0;
                using CancellationTokenSource cancel = new();
                try
                {
                    await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(s_questions[question], Options(question, true), cancel.Token))
                    {
                        text += update.Text;
                        if (pause > 0 && updates % 5 == 0)
                            await Task.Delay(pause);
                        if (updates++ == leaves && leaves % 2 == 0)
                            return text;
                        if (updates > leaves)
                            cancel.Cancel();
                    }
                }
                catch (OperationCanceledException)
                {
                    return text;
                }
                text.Should().Be(alone[question], "question {0}", question);
                return text;
            }).ContinueWith(text => text.Result.Should().Match(t => alone[question].StartsWith(t)), TaskScheduler.Default));
            if (random.Next(4) == 0)
                await Task.Delay(random.Next(5));
        }

        await Task.WhenAll(requests).WaitAsync(s_soon);

        SpinWait.SpinUntil(() => client.GetService<ServingStatus>() is { Decoding: 0, Waiting: 0 }, s_soon).Should().BeTrue("every place is free again");
        client.GetService<ServingStatus>()!.KeptBytes.Should().BeInRange(1, 1 << 20);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_SeveralSequences_GivesTheLogitsOfEachAlone(bool kernels)
    {
        int[][] sequences = [[.. Ids(3, 70)], [.. Ids(4, 9)], [.. Ids(5, 33)], [.. Ids(6, 1)]];
        using NetworkModel model = new(_model.Network.Share(), new DecodingOptions { UsesKernels = kernels });
        using IBatchReader reader = model.NewReader();
        float[][] alone = [.. sequences.Select(_ => new float[1024])], together = [.. sequences.Select(_ => new float[1024])];
        for (int i = 0; i < sequences.Length; i++)
        {
            using ISequenceCache cache = reader.NewCache();
            reader.Read([new SequenceStep(cache, sequences[i], sequences[i].Length, alone[i])]);
        }

        ISequenceCache[] caches = [.. sequences.Select(_ => reader.NewCache())];
        int[] firsts = [.. sequences.Select((sequence, i) => Math.Min(5 + i, sequence.Length - 1))];
        reader.Read([.. Enumerable.Range(0, 3).Select(i => new SequenceStep(caches[i], sequences[i].AsMemory(0, firsts[i]), sequences[i].Length, null))]);
        ISequenceCache fork = caches[0].Fork(4);
        reader.Read([
            .. Enumerable.Range(0, 4).Select(i => new SequenceStep(caches[i], sequences[i].AsMemory(firsts[i]), sequences[i].Length, together[i])),
            new SequenceStep(fork, new int[7], 11, null)]);
        float[] again = new float[1024];
        fork.Truncate(3);
        reader.Read([new SequenceStep(fork, sequences[0].AsMemory(3), 70, again)]);

        for (int i = 0; i < sequences.Length; i++)
            together[i].Zip(alone[i], (one, other) => Math.Abs(one - other)).Max().Should().BeLessThan(1e-5f, "sequence {0}", i);
        again.Zip(alone[0], (one, other) => Math.Abs(one - other)).Max().Should().BeLessThan(1e-5f, "a fork forgets its own rest only");
        caches.Select(cache => cache.Length).Should().Equal(sequences.Select(sequence => sequence.Length));
        foreach (ISequenceCache cache in caches.Append(fork))
            cache.Dispose();
    }

    public void Dispose() => _model.Dispose();

    private static bool HasKernels => System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated;

    private static IEnumerable<int> Ids(int seed, int count)
    {
        Random random = new(seed);
        return Enumerable.Range(0, count).Select(_ => random.Next(1024));
    }

    private static ChatOptions Options(int question, bool seeds) => new() { Seed = seeds ? 100 + question : null };

    private static string Numbers(ChatResponse response)
    {
        IReadOnlyList<TokenLogProb> made = (IReadOnlyList<TokenLogProb>)response.AdditionalProperties![GenerationOptions.LogProbsProperty]!;
        return string.Join(' ', made.SelectMany(token => token.Top.Append(token)).Select(token => $"{token.Id}:{token.LogProb:R}"));
    }

    private static string Said(ChatResponse response) => response.Text;

    private IChatClient Client(bool kernels, GenerationOptions options, ServingOptions? serving = null) =>
        _model.AsChatClient(options, serving ?? new ServingOptions(), kernels ? null : s_byTorch);

    /// <summary>The answers one after the other, each with nothing remembered.</summary>
    private async Task<string[]> Alone(bool kernels, GenerationOptions options, bool seeds, Func<ChatResponse, string>? said = null)
    {
        using IChatClient client = Client(kernels, options, new ServingOptions { KeptMegabytes = 0, MostTogether = 1 });
        List<string> answers = [];
        for (int i = 0; i < s_questions.Length; i++)
            answers.Add((said ?? Said)(await client.GetResponseAsync(s_questions[i], Options(i, seeds)).WaitAsync(s_soon)));
        return [.. answers];
    }

    private static async Task<string[]> Together(IChatClient client, bool seeds, Func<ChatResponse, string>? said = null) =>
        [.. (await Task.WhenAll(s_questions.Select((question, i) => Task.Run(() => client.GetResponseAsync(question, Options(i, seeds)))))
            .WaitAsync(s_soon)).Select(said ?? Said)];
}
