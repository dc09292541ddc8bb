using System.Collections.Concurrent;
using MiniMind.MLNet.Dpo.Training.Batches;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>Batches made ahead on another thread; batch i holds the one token i.</summary>
public sealed class HostPrefetchTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30); // a hundred times what anything here takes

    [Fact]
    public void Next_SlowUnevenBuilds_KeepTheirOrder()
    {
        Random random = new(3), pauses = new(4);
        using HostPrefetch prefetch = new(Batches(60), batch =>
        {
            Thread.Sleep(random.Next(4));
            return Build(batch);
        });
        List<long> taken = [];

        for (int i = 0; i < 60; i++)
        {
            if (i % 20 < 10)
                Thread.Sleep(pauses.Next(6)); // now the host is ahead, now the device
            using HostBatch next = prefetch.Next();
            taken.Add(next.InputIds[0].item<long>());
        }

        taken.Should().Equal(Enumerable.Range(0, 60).Select(i => (long)i));
        FluentActions.Invoking(prefetch.Next).Should().Throw<InvalidOperationException>().WithMessage("All batches have been taken.");
    }

    [Fact]
    public void Next_BuildFails_ThrowsItBehindTheBatchesBeforeIt()
    {
        using HostPrefetch prefetch = new(Batches(10), batch => batch[0] == 3 ? throw new InvalidDataException("pair 3 is too long") : Build(batch));

        for (int i = 0; i < 3; i++)
            prefetch.Next().Dispose();

        for (int again = 0; again < 2; again++)
            FluentActions.Invoking(prefetch.Next).Should().Throw<InvalidDataException>().WithMessage("pair 3 is too long");
    }

    [Fact]
    public void Next_PlanFails_ThrowsThatToo()
    {
        static IEnumerable<int[]> Broken()
        {
            yield return [0];
            throw new InvalidDataException("there is no second step");
        }
        using HostPrefetch prefetch = new(Broken(), Build);

        prefetch.Next().Dispose();

        FluentActions.Invoking(prefetch.Next).Should().Throw<InvalidDataException>().WithMessage("there is no second step");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public async Task Dispose_Midway_EndsAndDisposesWhatNobodyTook(int milliseconds)
    {
        ConcurrentQueue<HostBatch> built = [];
        HostPrefetch prefetch = new(Batches(int.MaxValue), batch =>
        {
            Thread.Sleep(milliseconds); // 0: it waits for room when the end comes; 50: it is building
            HostBatch made = Build(batch);
            built.Enqueue(made);
            return made;
        });
        HostBatch[] taken = [prefetch.Next(), prefetch.Next(), prefetch.Next()];

        await Task.Run(prefetch.Dispose).WaitAsync(s_patience);

        built.Except(taken).Should().OnlyContain(batch => batch.InputIds.IsInvalid, "nobody else would dispose them");
        taken.Should().OnlyContain(batch => !batch.InputIds.IsInvalid, "those are the caller's");
        int count = built.Count;
        foreach (HostBatch batch in taken)
            batch.Dispose();
        await Task.Delay(4 * milliseconds);
        built.Should().HaveCount(count, "nothing is built after the end");
    }

    [Fact]
    public async Task Dispose_AfterAFailureNobodySaw_Ends()
    {
        HostPrefetch prefetch = new(Batches(3), _ => throw new InvalidDataException("pair 0 is too long"));

        await Task.Run(prefetch.Dispose).WaitAsync(s_patience);
    }

    [Fact]
    public async Task Next_NobodyTakes_OnlyAFewAreBuiltAhead()
    {
        int built = 0;
        using HostPrefetch prefetch = new(Batches(100), batch =>
        {
            Interlocked.Increment(ref built);
            return Build(batch);
        });

        await Task.Delay(300);

        built.Should().BeInRange(1, 8, "batches ahead take memory");
    }

    private static IEnumerable<int[]> Batches(int count) => Enumerable.Range(0, count).Select(i => new[] { i });

    private static HostBatch Build(int[] batch) => new(
        BatchBuilder.Responses([new Response(batch, batch, [1])], BatchShape.Packed, headOnResponseOnly: true, 1, 0, balanceRealTokensOnly: false), CPU);
}
