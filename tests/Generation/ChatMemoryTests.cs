using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Counts the process's tensors, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(ChatMemoryTests), DisableParallelization = true)]
[Collection(nameof(ChatMemoryTests))]
public sealed class ChatMemoryTests : IDisposable
{
    private readonly PretrainedModel _model = SmallModel.Create(config: new()
    {
        VocabularySize = 1024, HiddenSize = 16, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1, MaxPositions = 160,
    });

    private readonly IChatClient _client;

    public ChatMemoryTests() =>
        _client = _model.AsChatClient(
            GenerationOptions.Greedy with { MaxNewTokens = 5, Overflow = ContextOverflow.DropOldestTurns }, new ServingOptions { KeptMegabytes = 1 });

    [Fact]
    public async Task Chat_OfFiveHundredTurns_KeepsMemoryFlat()
    {
        List<ChatMessage> conversation = [new(ChatRole.System, "You sell bread.")];
        (long tensors, long resident) = (0, 0);
        int dropped = 0;

        for (int turn = 0; turn < 500; turn++)
        {
            conversation.Add(new(ChatRole.User, $"Question {turn}?"));
            ChatResponse answer = await _client.GetResponseAsync(conversation);
            conversation.AddRange(answer.Messages);
            dropped = (int)answer.AdditionalProperties![GenerationOptions.DroppedTurnsProperty]!;
            if (turn == 100)
                (tensors, resident) = (SettledCount(), OperatingSystem.IsLinux() ? ResidentMemory.ResetPeak() : 0);
        }

        dropped.Should().BeGreaterThan(400);
        SettledCount().Should().BeLessThanOrEqualTo(tensors, "a turn leaves no tensor behind");
        if (OperatingSystem.IsLinux())
            (ResidentMemory.Peak() - resident).Should().BeLessThan(64L << 20, "400 turns of 200 kB each would show");
    }

    [Fact]
    public async Task Streams_AbandonedByTheHundred_KeepFewTensors()
    {
        await Abandon(80); // 64 are kept
        long tensors = torch.Tensor.TotalCount;

        await Abandon(100);

        torch.Tensor.TotalCount.Should().BeLessThanOrEqualTo(tensors, "they share the few caches that there are, without the help of a finalizer");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Requests_OfEveryKindByTheHundred_KeepMemoryFlat(bool kernels)
    {
        using IChatClient client = _model.AsChatClient(
            GenerationOptions.Greedy with { MaxNewTokens = 12 }, new ServingOptions { MostTogether = 4, MostAhead = 3, KeptMegabytes = 1 },
            new DecodingOptions { UsesKernels = kernels });
        await Mixed(client, 120); // 64 conversations are kept
        (long tensors, long resident) = (SettledCount(), OperatingSystem.IsLinux() ? ResidentMemory.ResetPeak() : 0);

        await Mixed(client, 300);

        SettledCount().Should().BeLessThanOrEqualTo(tensors + 4, "caches are kept up to their bound; a growing one has two more for a moment");
        if (OperatingSystem.IsLinux())
            (ResidentMemory.Peak() - resident).Should().BeLessThan(64L << 20);
    }

    public void Dispose()
    {
        _client.Dispose();
        _model.Dispose();
    }

    private async Task Abandon(int streams)
    {
        for (int i = 0; i < streams; i++)
            await _client.GetStreamingResponseAsync($"Question {i}?").GetAsyncEnumerator().MoveNextAsync();
    }

    /// <summary>Requests in groups that overlap: read to their end, left, cancelled, and abandoned without a word.</summary>
    private static async Task Mixed(IChatClient client, int requests)
    {
        for (int group = 0; group < requests; group += 6)
        {
            await Task.WhenAll(Enumerable.Range(group, 6).Select(i => Task.Run(async () =>
            {
                using CancellationTokenSource cancel = new();
                IAsyncEnumerator<ChatResponseUpdate> stream = client.GetStreamingResponseAsync($"Question {i}?", cancellationToken: cancel.Token)
                    .GetAsyncEnumerator();
                await stream.MoveNextAsync();
                if (i % 6 == 5)
                    return; // nobody says that it is wanted no more
                if (i % 6 == 4)
                    cancel.Cancel();
                while (i % 6 < 3 && await stream.MoveNextAsync())
                {
                }
                await stream.DisposeAsync();
            })));
        }
        SpinWait.SpinUntil(() => client.GetService<ServingStatus>() is { Decoding: 0, Waiting: 0 }, 20_000).Should().BeTrue();
    }

    private static long SettledCount()
    {
        GC.Collect(); // tensors that other tests left to the finalizer must not vanish in between
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }
}
