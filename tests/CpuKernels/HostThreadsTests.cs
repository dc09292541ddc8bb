namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

public sealed class HostThreadsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Run_AnyNumberOfParts_RunsEachOnce(int threads)
    {
        for (int parts = 0; parts <= 100; parts++)
        {
            int[] runs = new int[parts];

            HostThreads.Run(parts, threads, (part, _) => Interlocked.Increment(ref runs[part]));

            runs.Should().Equal(Enumerable.Repeat(1, parts));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void Run_AnyNumberOfThreads_NumbersThemAndLendsANumberOnceAtATime(int threads)
    {
        int[] taken = new int[threads];
        int shared = 0, outside = 0;

        HostThreads.Run(300, threads, (_, thread) =>
        {
            if (thread < 0 || thread >= threads)
            {
                Interlocked.Increment(ref outside);
                return;
            }
            if (Interlocked.Exchange(ref taken[thread], 1) != 0)
                Interlocked.Increment(ref shared);
            Thread.SpinWait(500);
            Volatile.Write(ref taken[thread], 0);
        });

        outside.Should().Be(0);
        shared.Should().Be(0, "memory of a thread's own would be written by two");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Run_PartThrowsOnSeveralThreads_ReachesTheCallerWithItsCause(int threads)
    {
        InvalidDataException cause = new("part 7");

        Action run = () => HostThreads.Run(20, threads, (part, _) =>
        {
            if (part == 7)
                throw cause;
        });

        run.Should().Throw<InvalidOperationException>().Which.InnerException.Should().BeSameAs(cause);
        run.Should().Throw<InvalidOperationException>("the next call works as the first did");
    }

    [Fact]
    public void Run_PartThrowsOnOneThread_ReachesTheCallerAsItIs()
    {
        Action run = () => HostThreads.Run(20, 1, (part, _) => throw new InvalidDataException($"part {part}"));

        run.Should().Throw<InvalidDataException>().WithMessage("part 0");
    }

    [Fact]
    public void Run_AfterAFailure_RunsEachPartAgain()
    {
        Action fails = () => HostThreads.Run(20, 3, (_, _) => throw new InvalidDataException());
        fails.Should().Throw<InvalidOperationException>();
        int[] runs = new int[20];

        HostThreads.Run(20, 3, (part, _) => Interlocked.Increment(ref runs[part]));

        runs.Should().OnlyContain(count => count == 1);
    }

    [Fact]
    public void Run_TwoCallersAtOnce_EachGetsItsParts()
    {
        using Barrier start = new(2);
        int[][] runs = [new int[50], new int[50]];
        Exception? failure = null;
        Thread[] callers = [.. runs.Select(counts => new Thread(() =>
        {
            try
            {
                for (int round = 0; round < 20; round++)
                {
                    start.SignalAndWait(TimeSpan.FromSeconds(30));
                    HostThreads.Run(counts.Length, 3, (part, _) => Interlocked.Increment(ref counts[part]));
                }
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        }))];

        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();

        failure.Should().BeNull();
        runs.SelectMany(counts => counts).Should().OnlyContain(count => count == 20);
    }

    [Theory]
    [InlineData(0, 32)]
    [InlineData(1, 32)]
    [InlineData(64, 32)]
    [InlineData(70, 32)]
    public void Rows_AnyNumber_FallIntoBlocksOfAFixedSize(long rows, int block)
    {
        List<(int Block, long First, long End)> blocks = [];

        HostThreads.Rows(rows, block, (number, first, end) =>
        {
            lock (blocks)
                blocks.Add((number, first, end));
        });

        blocks.OrderBy(entry => entry.Block).Should().Equal(
            Enumerable.Range(0, HostThreads.Blocks(rows, block)).Select(number => (number, (long)number * block, Math.Min(rows, (number + 1L) * block))));
        blocks.Sum(entry => entry.End - entry.First).Should().Be(rows);
    }
}
