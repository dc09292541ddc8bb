using System.Diagnostics;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Disposing a chat client in every order: it returns at once, ends what runs, and frees nothing that is in use.</summary>
public sealed class ChatDisposalTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20); // so long only where it blocks; a busy machine is slow

    private readonly ScriptedModel _model = new([.. ScriptedChat.Ids("One rye loaf is four euros, one white loaf three.")]);
    private readonly IChatClient _client;

    public ChatDisposalTests() => _client = ScriptedChat.Client(_model);

    [Fact]
    public async Task Dispose_InsideItsOwnStream_EndsTheStream()
    {
        int read = 0;
        Func<Task> reading = async () =>
        {
            await foreach (ChatResponseUpdate _ in _client.GetStreamingResponseAsync("Hello?"))
            {
                if (++read == 2)
                    DisposeSoon();
            }
        };

        await Within(() => reading.Should().ThrowAsync<ObjectDisposedException>().WithMessage("*while an answer was being generated*"));

        read.Should().Be(2);
        ShouldBeFree();
    }

    [Fact]
    public async Task Dispose_InsideItsOwnStreamThatIsThenLeft_FreesAll()
    {
        await foreach (ChatResponseUpdate _ in _client.GetStreamingResponseAsync("Hello?"))
        {
            DisposeSoon();
            break;
        }

        ShouldBeFree();
    }

    [Fact]
    public async Task Dispose_AfterAStreamWasAbandoned_FreesAll()
    {
        IAsyncEnumerator<ChatResponseUpdate> abandoned = _client.GetStreamingResponseAsync("Hello?").GetAsyncEnumerator();
        (await abandoned.MoveNextAsync()).Should().BeTrue();

        DisposeSoon();

        ShouldBeFree();
        await Within(async () => await FluentActions.Awaiting(async () => await abandoned.MoveNextAsync()).Should().ThrowAsync<ObjectDisposedException>());
        await abandoned.DisposeAsync();
    }

    [Fact]
    public async Task Dispose_FromAnotherThreadWhileAPassRuns_WaitsForThePassAndThenFreesAll()
    {
        using ManualResetEventSlim running = new();
        _model.Pass = _ =>
        {
            running.Set();
            Thread.Sleep(100);
        };
        Task<ChatResponse> answer = _client.GetResponseAsync("Hello?");
        running.Wait(s_soon).Should().BeTrue();

        DisposeSoon();

        await Within(() => FluentActions.Awaiting(() => answer).Should().ThrowAsync<ObjectDisposedException>());
        ShouldBeFree();
    }

    [Fact]
    public async Task Dispose_WhileAPassRunsForLong_ReturnsAndLetsItsEndFreeAll()
    {
        using ManualResetEventSlim running = new(), goOn = new();
        _model.Step = _ =>
        {
            running.Set();
            goOn.Wait(s_soon);
        };
        Task<ChatResponse> answer = _client.GetResponseAsync("Hello?");
        running.Wait(s_soon).Should().BeTrue();
        Stopwatch clock = Stopwatch.StartNew();

        await Within(() => Task.Run(_client.Dispose));

        clock.Elapsed.Should().BeGreaterThan(TimeSpan.FromMilliseconds(300), "it gives a pass the time to end");
        _model.IsDisposed.Should().BeFalse("the pass still reads it");
        await Within(() => FluentActions.Awaiting(() => answer).Should().ThrowAsync<ObjectDisposedException>());
        goOn.Set();
        SpinWait.SpinUntil(() => _model.IsDisposed, s_soon).Should().BeTrue();
    }

    [Fact]
    public async Task Dispose_WhileRequestsWait_RefusesThem()
    {
        using ManualResetEventSlim running = new();
        _model.Pass = _ =>
        {
            running.Set();
            Thread.Sleep(100);
        };
        Task<ChatResponse>[] answers = [.. Enumerable.Range(0, 20).Select(_ => _client.GetResponseAsync("Hello?"))];
        running.Wait(s_soon).Should().BeTrue();

        DisposeSoon();

        foreach (Task<ChatResponse> answer in answers)
            await Within(() => FluentActions.Awaiting(() => answer).Should().ThrowAsync<ObjectDisposedException>());
        ShouldBeFree();
    }

    [Fact]
    public async Task Dispose_Twice_DoesNothingMore()
    {
        await _client.GetResponseAsync("Hello?");

        DisposeSoon();
        DisposeSoon();

        ShouldBeFree();
    }

    [Fact]
    public async Task Use_AfterDisposal_IsRefused()
    {
        IAsyncEnumerable<ChatResponseUpdate> before = _client.GetStreamingResponseAsync("Hello?");
        _client.Dispose();

        FluentActions.Invoking(() => _client.GetStreamingResponseAsync("Hello?")).Should().Throw<ObjectDisposedException>();
        await FluentActions.Awaiting(() => _client.GetResponseAsync("Hello?")).Should().ThrowAsync<ObjectDisposedException>();
        await FluentActions.Awaiting(async () => await before.GetAsyncEnumerator().MoveNextAsync()).Should().ThrowAsync<ObjectDisposedException>();
        _client.GetService<ChatClientMetadata>().Should().NotBeNull();
    }

    [Fact]
    public async Task Transformer_DisposedWhileAStreamIsRead_LeavesTheStreamItsWeights()
    {
        PretrainedModel model = PretrainedModel.Load(SmallModel.TokenizerFolder);
        using IChatClient client = model.AsChatClient(GenerationOptions.Greedy with { MaxNewTokens = 24 });
        string whole = (await client.GetResponseAsync("How much is the rye loaf?")).Text;
        string text = "";

        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("How much is the rye loaf?"))
        {
            text += update.Text;
            model.Dispose();
            GC.Collect();
        }

        text.Should().Be(whole).And.NotBeEmpty();
        FluentActions.Invoking(() => model.AsChatClient()).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public async Task Dispose_OfTheLastOwnerWhileManyStreamsRun_IsAClearErrorEverywhere()
    {
        for (int round = 0; round < 10; round++)
        {
            PretrainedModel model = SmallModel.Create();
            IChatClient client = model.AsChatClient(GenerationOptions.Greedy with { MaxNewTokens = 200 });
            model.Dispose();
            Task<Exception?>[] streams =
                [.. Enumerable.Range(0, 6).Select(i => Task.Run(() => Record.ExceptionAsync(() => client.GetResponseAsync($"Question {i}?"))))];
            await Task.Delay(10 * round);

            await Within(() => Task.Run(client.Dispose));

            foreach (Task<Exception?> stream in streams)
                (await stream.WaitAsync(s_soon)).Should().Match(e => e == null || e is ObjectDisposedException);
        }
    }

    private void DisposeSoon() => Task.Run(_client.Dispose).Wait(s_soon).Should().BeTrue("disposal blocks for nothing");

    private void ShouldBeFree() => (_model.IsDisposed, _model.LivingReaders, _model.LivingCaches).Should().Be((true, 0, 0));

    private static Task Within(Func<Task> act) => Task.Run(act).WaitAsync(s_soon);
}
